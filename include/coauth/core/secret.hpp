// Floor 1.
#ifndef COAUTH_CORE_SECRET_HPP
#define COAUTH_CORE_SECRET_HPP

#include <coauth/detail/config.hpp>

#include <array>
#include <cstddef>
#include <cstring>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coauth::inline COAUTH_MODE {
namespace detail {

/** Overwrite memory in a way that the compiler keeps. */
COAUTH_DECL void cleanse(void* data, std::size_t size_bytes) noexcept;

/// The same for so few bytes that calling a function would cost more.
template <class T, std::size_t Size>
void cleanse(std::array<T, Size>& data) noexcept
{
#ifdef __GNUC__
    std::memset(data.data(), 0, sizeof data);
    asm volatile("" : : "r"(data.data()) : "memory"); // as if somebody read it
#else
    cleanse(data.data(), sizeof data);
#endif
}

/** Compare without a branch or a memory access that depends on the content; the lengths are not secret. */
COAUTH_DECL bool constant_time_equal(std::string_view left, std::string_view right) noexcept;

/** An allocator that wipes what it gives back. */
template <class T>
struct cleansing_allocator {
    using value_type = T;

    cleansing_allocator() = default;
    template <class U>
    cleansing_allocator(const cleansing_allocator<U>&) noexcept
    {
    }
    T* allocate(std::size_t n) { return std::allocator<T>().allocate(n); }
    void deallocate(T* data, std::size_t n) noexcept
    {
        cleanse(data, n * sizeof(T));
        std::allocator<T>().deallocate(data, n);
    }
    friend bool operator==(const cleansing_allocator&, const cleansing_allocator&) noexcept { return true; }
};

/// Bytes that are wiped when they are freed or moved to a larger block. Not a string: no small-buffer leftovers.
using secure_bytes = std::vector<char, cleansing_allocator<char>>;

/// With an allocator of one's own, insert() goes byte by byte.
inline void append_text(secure_bytes& out, std::string_view text)
{
    if (text.empty())
        return;
    const std::size_t before = out.size();
    out.resize(before + text.size());
    std::memcpy(out.data() + before, text.data(), text.size());
}

} // namespace detail

/** A token, code, verifier or password: wiped on destruction, never printed, compared in constant time.

    There is no conversion to a string and no `==`: expose() is the one way to the characters, so that
    every place that uses them can be found.

    @par Thread safety Distinct objects: safe. Shared objects: unsafe.
*/
class secret {
public:
    secret() = default;
    secret(const secret&) = default;
    secret& operator=(const secret&) = default;
    /// Leaves the other one empty.
    secret(secret&& other) noexcept = default;
    /// Leaves the other one empty. The characters that were here are wiped at once.
    secret& operator=(secret&& other) noexcept
    {
        // Only the constructor is guaranteed to empty its source.
        detail::secure_bytes(std::move(other.bytes_)).swap(bytes_);
        return *this;
    }
    ~secret() = default;

    explicit secret(std::string_view text) { detail::append_text(bytes_, text); }
    explicit secret(const char* text) : secret(std::string_view(text)) {}

    /// Takes the characters and wipes the string.
    COAUTH_DECL explicit secret(std::string&& text);
    explicit secret(detail::secure_bytes&& bytes) noexcept : bytes_(std::move(bytes)) {}

    bool empty() const noexcept { return bytes_.empty(); }
    std::size_t size() const noexcept { return bytes_.size(); }

    /** The characters. Valid until the secret is changed or destroyed. */
    std::string_view expose() const noexcept { return {bytes_.data(), bytes_.size()}; }

    /** Whether both hold the same characters, found in constant time for equal lengths. */
    bool equals(const secret& other) const noexcept
    {
        return detail::constant_time_equal(expose(), other.expose());
    }

    friend bool operator==(const secret&, const secret&) = delete;

    /// Prints `[redacted]`.
    COAUTH_DECL friend std::ostream& operator<<(std::ostream& stream, const secret&);

private:
    detail::secure_bytes bytes_;
};

} // namespace coauth::inline COAUTH_MODE

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/core/secret.ipp>
#endif

#endif
