// Floor 1.
#ifndef COAUTH_CORE_RANDOM_VALUE_HPP
#define COAUTH_CORE_RANDOM_VALUE_HPP

#include <coauth/core/secret.hpp>

#include <array>
#include <cstddef>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace coauth::inline COAUTH_MODE {

/** 256 random bits, as state, nonce, code verifier and browser binding are made of.

    On the wire it is 43 characters of base64url. Wiped on destruction, compared in constant time.

    @par Specification RFC 7636 4.1, RFC 9700 4.7
*/
class random_value {
public:
    static constexpr std::size_t size_bytes = 32;
    static constexpr std::size_t encoded_size = 43;

    random_value() = default;
    explicit random_value(std::span<const unsigned char, size_bytes> bytes) noexcept
    {
        std::memcpy(bytes_.data(), bytes.data(), size_bytes);
    }
    random_value(const random_value&) = default;
    random_value& operator=(const random_value&) = default;
    ~random_value() { detail::cleanse(bytes_); }

    /// No value unless the text is the one canonical encoding of 32 bytes.
    static COAUTH_DECL std::optional<random_value> decode(std::string_view text) noexcept;

    /// Appends the 43 characters.
    template <class Container>
    void append_to(Container& out) const
    {
        const encoded text = encode();
        out.insert(out.end(), text.begin(), text.end());
    }
    std::string to_string() const
    {
        const encoded text = encode();
        return {text.begin(), text.end()};
    }

    /// The 43 characters, wiped on destruction.
    class encoded {
    public:
        encoded(const encoded&) = delete;
        encoded& operator=(const encoded&) = delete;
        ~encoded() { detail::cleanse(text_); }

        const char* data() const noexcept { return text_.data(); }
        static constexpr std::size_t size() noexcept { return encoded_size; }
        const char* begin() const noexcept { return text_.data(); }
        const char* end() const noexcept { return text_.data() + encoded_size; }

    private:
        friend class random_value;
        COAUTH_DECL explicit encoded(std::span<const unsigned char, size_bytes> bytes) noexcept;

        std::array<char, encoded_size> text_;
    };
    encoded encode() const noexcept { return encoded(bytes_); }

    std::span<const unsigned char, size_bytes> bytes() const noexcept { return bytes_; }

    bool equals(const random_value& other) const noexcept
    {
        return detail::constant_time_equal(view(), other.view());
    }
    friend bool operator==(const random_value&, const random_value&) = delete;

    /// The raw bytes, for a comparison of the policy's.
    std::string_view view() const noexcept
    {
        return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
    }

private:
    std::array<unsigned char, size_bytes> bytes_{};
};

} // namespace coauth::inline COAUTH_MODE

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/core/random_value.ipp>
#endif

#endif
