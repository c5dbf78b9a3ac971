// Floor 5. A file that nobody else may read or exchange: POSIX.
#ifndef COAUTH_DETAIL_PRIVATE_FILE_HPP
#define COAUTH_DETAIL_PRIVATE_FILE_HPP

#if !defined(__unix__) && !defined(__APPLE__)
#error "coauth keeps tokens in files on POSIX systems only"
#endif

#include <coauth/core/result.hpp>
#include <coauth/core/secret.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace coauth::inline COAUTH_MODE::detail {

class file_descriptor {
public:
    file_descriptor() = default;
    explicit file_descriptor(int value) noexcept : value_(value) {}
    file_descriptor(file_descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
    file_descriptor& operator=(file_descriptor&& other) noexcept
    {
        std::swap(value_, other.value_);
        return *this;
    }
    COAUTH_DECL ~file_descriptor();

    int get() const noexcept { return value_; }
    explicit operator bool() const noexcept { return value_ >= 0; }

private:
    int value_ = -1;
};

/** A file for secrets of one user, read and replaced as a whole.

    The file and its lock belong to the user that the process acts for, and nobody else may read them; they are no
    symbolic links, and have one name. The directory belongs to that user, or to root, and nobody else may write to
    it. Otherwise operations fail with errc::invalid_configuration, as they do if the file has more than the most
    bytes. Other failures of the system are errc::token_store_failed.

    All of it blocks, for as long as a local disk takes.
*/
class private_file {
public:
    COAUTH_DECL private_file(std::string path, std::size_t most_bytes);

    /// No value if there is no file.
    COAUTH_DECL result<std::optional<secure_bytes>> read() const;

    /** Put another content in place of the file, or leave it as it is: nobody ever sees a part.

        A temporary file beside it, synchronized with the disk, takes its name; so does not happen to what it was.
        Precondition: the caller has the lock.
        @par Errors errc::sealed_data_too_large, and those above
    */
    COAUTH_DECL result<void> replace(std::string_view content) const;

    /** Lock it against all other processes and threads that ask, until what is returned is destroyed.
        @return none if somebody else has the lock
    */
    COAUTH_DECL result<file_descriptor> try_lock() const;

private:
    COAUTH_DECL result<file_descriptor> open_directory() const;

    std::string directory_;
    std::string name_;
    std::size_t most_bytes_;
};

} // namespace coauth::inline COAUTH_MODE::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/detail/private_file.ipp>
#endif

#endif
