// Floor 1. Numbers and texts as bytes, for what is sealed.
#ifndef COAUTH_DETAIL_BYTE_CODEC_HPP
#define COAUTH_DETAIL_BYTE_CODEC_HPP

#include <coauth/core/random_value.hpp>
#include <coauth/core/secret.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

namespace coauth::inline COAUTH_MODE::detail {

/// Appends. Numbers have 8 bytes, the highest first; texts have their length in front.
class byte_writer {
public:
    byte_writer& byte(unsigned char value)
    {
        bytes_.push_back(static_cast<char>(value));
        return *this;
    }
    byte_writer& number(std::uint64_t value)
    {
        for (int shift = 56; shift >= 0; shift -= 8)
            byte(static_cast<unsigned char>(value >> shift & 0xff));
        return *this;
    }
    byte_writer& value(const random_value& from)
    {
        const std::string_view text = from.view();
        bytes_.insert(bytes_.end(), text.begin(), text.end());
        return *this;
    }
    /// The length has 4 bytes. Precondition: it fits.
    byte_writer& text(std::string_view from)
    {
        for (int shift = 24; shift >= 0; shift -= 8)
            byte(static_cast<unsigned char>(from.size() >> shift & 0xff));
        bytes_.insert(bytes_.end(), from.begin(), from.end());
        return *this;
    }
    /// In nanoseconds since the epoch.
    byte_writer& time(std::chrono::system_clock::time_point from)
    {
        return number(static_cast<std::uint64_t>(
            std::chrono::duration_cast<std::chrono::nanoseconds>(from.time_since_epoch()).count()));
    }

    void reserve(std::size_t size_bytes) { bytes_.reserve(size_bytes); }
    secure_bytes take() noexcept { return std::move(bytes_); }

private:
    secure_bytes bytes_;
};

/// Takes from the front. What is not there reads as zero or empty, and ok() says so from then on.
class byte_reader {
public:
    explicit byte_reader(std::string_view bytes) noexcept : rest_(bytes) {}

    unsigned char byte() noexcept
    {
        const std::string_view one = take(1);
        return one.empty() ? 0 : static_cast<unsigned char>(one.front());
    }
    std::uint64_t number() noexcept { return number_of(8); }
    random_value value() noexcept
    {
        const std::string_view text = take(random_value::size_bytes);
        if (text.empty())
            return random_value();
        return random_value(std::span<const unsigned char, random_value::size_bytes>(
            reinterpret_cast<const unsigned char*>(text.data()), random_value::size_bytes));
    }
    /// Valid as long as the bytes are.
    std::string_view text() noexcept { return take(static_cast<std::size_t>(number_of(4))); }
    std::chrono::system_clock::time_point time() noexcept
    {
        return std::chrono::system_clock::time_point(
            std::chrono::duration_cast<std::chrono::system_clock::duration>(
                std::chrono::nanoseconds(static_cast<std::int64_t>(number()))));
    }

    /// Whether everything was there that was asked for.
    bool ok() const noexcept { return ok_; }
    bool at_end() const noexcept { return rest_.empty(); }
    bool complete() const noexcept { return ok_ && rest_.empty(); }

private:
    std::string_view take(std::size_t size_bytes) noexcept
    {
        if (size_bytes > rest_.size())
            ok_ = false;
        if (!ok_)
            return {};
        const std::string_view out = rest_.substr(0, size_bytes);
        rest_.remove_prefix(size_bytes);
        return out;
    }
    std::uint64_t number_of(std::size_t size_bytes) noexcept
    {
        std::uint64_t out = 0;
        for (const char c : take(size_bytes))
            out = out << 8 | static_cast<unsigned char>(c);
        return out;
    }

    std::string_view rest_;
    bool ok_ = true;
};

} // namespace coauth::inline COAUTH_MODE::detail

#endif
