// Floor 4. For tests.
#ifndef COAUTH_TESTING_DETAIL_BOUNDED_TABLE_HPP
#define COAUTH_TESTING_DETAIL_BOUNDED_TABLE_HPP

#include <coauth/detail/config.hpp>

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace coauth::inline COAUTH_MODE::testing::detail {

/** Values by name, so many at most: the oldest gives way. References stay valid until their value goes. */
template <class T>
class bounded_table {
public:
    explicit bounded_table(std::size_t most) : most_(most == 0 ? 1 : most) {}

    T& insert(std::string name, T value)
    {
        erase(name);
        if (entries_.size() == most_) {
            index_.erase(entries_.front().first);
            entries_.pop_front();
        }
        entries_.emplace_back(std::move(name), std::move(value));
        const auto last = std::prev(entries_.end());
        index_.emplace(last->first, last);
        return last->second;
    }

    T* find(std::string_view name)
    {
        const auto found = index_.find(name);
        return found == index_.end() ? nullptr : &found->second->second;
    }

    bool erase(std::string_view name)
    {
        const auto found = index_.find(name);
        if (found == index_.end())
            return false;
        const auto position = found->second;
        index_.erase(found); // before what its key points into
        entries_.erase(position);
        return true;
    }

    void clear()
    {
        index_.clear();
        entries_.clear();
    }

    std::size_t size() const noexcept { return entries_.size(); }

private:
    using entry = std::pair<const std::string, T>;

    std::list<entry> entries_;
    std::unordered_map<std::string_view, typename std::list<entry>::iterator> index_;
    std::size_t most_;
};

} // namespace coauth::inline COAUTH_MODE::testing::detail

#endif
