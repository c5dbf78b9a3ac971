// Floor 1.
#ifndef COAUTH_DETAIL_LOGIN_TEXTS_HPP
#define COAUTH_DETAIL_LOGIN_TEXTS_HPP

#include <coauth/core/secret.hpp>

#include <array>
#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <string_view>
#include <utility>

namespace coauth::inline COAUTH_MODE::detail {

/** The texts of a pending sign-in: scope, required acr values, the application's data.

    Short ones lie in the object itself, so that a sign-in of which a store holds millions needs no memory beside
    its record. Move-only; wiped on destruction and when something else is assigned.
*/
class login_texts {
public:
    login_texts() noexcept : here_{} {}
    login_texts(std::string_view scope, std::string_view acr_values, std::string_view data) : here_{}
    {
        char* out = here_.data();
        if (scope.size() + acr_values.size() + data.size() > here_.size()) {
            const far_sizes sizes{scope.size(), acr_values.size()};
            secure_bytes text(sizeof sizes + scope.size() + acr_values.size() + data.size());
            std::memcpy(text.data(), &sizes, sizeof sizes);
            out = text.data() + sizeof sizes;
            new (&far_) secure_bytes(std::move(text));
            scope_size_ = is_far;
        } else {
            scope_size_ = static_cast<unsigned char>(scope.size());
            acr_size_ = static_cast<unsigned char>(acr_values.size());
            data_size_ = static_cast<unsigned char>(data.size());
        }
        for (const std::string_view text : {scope, acr_values, data})
            if (!text.empty())
                out = static_cast<char*>(std::memcpy(out, text.data(), text.size())) + text.size();
    }
    login_texts(login_texts&& other) noexcept : here_{} { take(other); }
    login_texts& operator=(login_texts&& other) noexcept
    {
        if (this != &other) {
            clear();
            take(other);
        }
        return *this;
    }
    ~login_texts() { clear(); }

    std::string_view scope() const noexcept
    {
        return scope_size_ == is_far ? far_text().substr(0, sizes().scope)
                                     : std::string_view(here_.data(), scope_size_);
    }
    std::string_view acr_values() const noexcept
    {
        return scope_size_ == is_far ? far_text().substr(sizes().scope, sizes().acr_values)
                                     : std::string_view(here_.data() + scope_size_, acr_size_);
    }
    std::string_view data() const noexcept
    {
        return scope_size_ == is_far ? far_text().substr(sizes().scope + sizes().acr_values)
                                     : std::string_view(here_.data() + scope_size_ + acr_size_, data_size_);
    }

private:
    struct far_sizes {
        std::size_t scope;
        std::size_t acr_values;
    };
    static constexpr unsigned char is_far = 0xff;

    far_sizes sizes() const noexcept
    {
        far_sizes out;
        std::memcpy(&out, far_.data(), sizeof out);
        return out;
    }
    std::string_view far_text() const noexcept
    {
        return std::string_view(far_.data(), far_.size()).substr(sizeof(far_sizes));
    }
    void take(login_texts& other) noexcept // precondition: cleared
    {
        if (other.scope_size_ == is_far)
            new (&far_) secure_bytes(std::move(other.far_));
        else
            here_ = other.here_;
        scope_size_ = other.scope_size_;
        acr_size_ = other.acr_size_;
        data_size_ = other.data_size_;
        other.clear();
    }
    void clear() noexcept
    {
        if (scope_size_ == is_far) {
            std::destroy_at(&far_);
            new (&here_) std::array<char, 32>;
        }
        cleanse(here_);
        scope_size_ = acr_size_ = data_size_ = 0;
    }

    union {
        std::array<char, 32> here_;
        secure_bytes far_; // their sizes first
    };
    unsigned char scope_size_ = 0;
    unsigned char acr_size_ = 0;
    unsigned char data_size_ = 0;
};

} // namespace coauth::inline COAUTH_MODE::detail

#endif
