// Floor 1. Files that programs are configured with: small, and perhaps secret.
#ifndef COAUTH_SECRET_FILE_HPP
#define COAUTH_SECRET_FILE_HPP

#include <coauth/core/result.hpp>
#include <coauth/core/secret.hpp>

#include <chrono>
#include <cstddef>
#include <string>

namespace coauth::inline COAUTH_MODE {
namespace detail {

/// Do the work of read_secret_file(). @param patience how long all the waiting for a pipe's writer may take
COAUTH_DECL result<secret> read_file_within(const std::string& path, std::size_t most_bytes,
                                            std::chrono::milliseconds patience);

} // namespace detail

/** Read a whole file that has a bound: a client secret, a key, certificates.

    The path names a regular file or a pipe; symbolic links are followed. The function reads in blocks, and never more
    than one byte beyond the bound: a wrong path costs no memory and no time. Every buffer is wiped. The text is
    returned unchanged, with the newline at its end if there is one.

    The function blocks; it is for the start of a program. A pipe that has a writer is read until the writer closes
    it, for at most a minute. A pipe without a writer is empty.

    @code
    auto secret = coauth::read_secret_file("secret.txt", 8 * 1024);
    @endcode

    @param most_bytes the size of the largest file that is read
    @par Errors all of the generic category
    - file_too_large: the file has more bytes
    - not_supported: the path names a device or a socket
    - timed_out: the writer of a pipe did not close it
    - the error of the system, for example no_such_file_or_directory, permission_denied or is_a_directory
*/
inline result<secret> read_secret_file(const std::string& path, std::size_t most_bytes)
{
    return detail::read_file_within(path, most_bytes, std::chrono::minutes(1));
}

} // namespace coauth::inline COAUTH_MODE

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/secret_file.ipp>
#endif

#endif
