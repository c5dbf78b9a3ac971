// Floor 5.
#ifndef COAUTH_POLICY_FILE_TOKEN_STORE_HPP
#define COAUTH_POLICY_FILE_TOKEN_STORE_HPP

#include <coauth/core/result.hpp>
#include <coauth/policy/seal_key_ring.hpp>
#include <coauth/policy/token_store.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace coauth::inline COAUTH_MODE {
namespace detail {
class token_file;
}

/** Keeps the tokens of a few grants in one sealed file, for programs that people start: command-line tools.

    Processes of one user on one machine share the file, with leases that hold between them; each change replaces it as
    a whole. It is readable for that user only. The file, `PATH.lock` and, for a moment, `PATH.new` lie in one
    directory, which has to exist.

    These are refused with errc::invalid_configuration, before anything is read or written: a file that is a symbolic
    link, has several names, belongs to somebody else or may be read by others; a directory that others may write to;
    and more bytes than agreed. A file that was changed, or sealed with another key, is errc::seal_broken. Other
    failures of the system are errc::token_store_failed. A key of no or more than 512 bytes, and no tokens,
    are errc::invalid_parameter.

    Not for servers: reading, writing and waiting for the disk happen in the thread that runs the operation, some
    milliseconds a change. Only if another process has the lock an operation suspends, five seconds at most. The file
    should be on a local disk.

    @par Thread safety Distinct and shared objects: safe. An awaitable keeps what it needs of the store.
*/
class file_token_store {
public:
    static constexpr std::size_t default_most_bytes = 1024 * 1024;

    /**
        @param path of the file; it need not exist
        @param keys with which it is sealed; see load_or_make_seal_keys()
        @param purpose for which the tokens are: an issuer or the program's name. The file of one does not open for
        another
        @param most_bytes of the file
    */
    COAUTH_DECL file_token_store(std::string path, seal_key_ring keys, std::string purpose,
                                 std::size_t most_bytes = default_most_bytes);

    COAUTH_DECL boost::asio::awaitable<result<std::uint64_t>> put(std::string key, shared_tokens tokens);
    COAUTH_DECL boost::asio::awaitable<result<grant_record>> load(std::string key, std::uint64_t known);
    COAUTH_DECL boost::asio::awaitable<result<lease>> acquire(std::string key, const random_value& owner,
                                                              std::chrono::milliseconds duration,
                                                              std::uint64_t known, unsigned tries);
    COAUTH_DECL boost::asio::awaitable<result<void>> renew(std::string key, const random_value& owner,
                                                           std::chrono::milliseconds duration);
    COAUTH_DECL boost::asio::awaitable<result<void>> begin_refresh(std::string key, const random_value& owner,
                                                                   std::uint64_t generation);
    COAUTH_DECL boost::asio::awaitable<result<std::uint64_t>> complete_refresh(std::string key,
                                                                               const random_value& owner,
                                                                               std::uint64_t generation,
                                                                               shared_tokens tokens);
    COAUTH_DECL boost::asio::awaitable<result<void>> release(std::string key, const random_value& owner);
    COAUTH_DECL boost::asio::awaitable<result<void>> erase(std::string key);

private:
    std::shared_ptr<const detail::token_file> file_;
};

static_assert(token_store<file_token_store>);

/** The keys in a file of the user's own, which is made with a new key if it does not exist.

    For file_token_store on a machine that has no safer place for a key: who can read both files can read the tokens,
    but a copy of the token file alone is of no use. The file is refused for the reasons given there.

    Blocks; for the start of a program.

    @par Errors
    - errc::invalid_configuration: as file_token_store and seal_key_ring::parse() have it
    - errc::token_store_failed, errc::random_source_failed
*/
COAUTH_DECL result<seal_key_ring> load_or_make_seal_keys(const std::string& path);

} // namespace coauth::inline COAUTH_MODE

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/policy/file_token_store.ipp>
#endif

#endif
