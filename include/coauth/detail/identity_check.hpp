// Floor 4. From the ID token of a token response to a person who is known.
#ifndef COAUTH_DETAIL_IDENTITY_CHECK_HPP
#define COAUTH_DETAIL_IDENTITY_CHECK_HPP

#include <coauth/detail/callback.hpp>
#include <coauth/detail/known_server.hpp>
#include <coauth/policy/pending_login.hpp>
#include <coauth/protocol/id_token_validation.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace coauth::inline COAUTH_MODE::detail {

/// Whether an ID token with this error belongs to another server, person, client or sign-in: then so do the tokens beside it.
/// Any other may become right with time, or says nothing.
COAUTH_DECL bool is_of_somebody_else(const error& reason) noexcept;

/** Verifies an ID token, with the server's keys as they are kept, or else fetched.

    It goes on whatever becomes of the coroutine that waits for it: the tokens that come with it must not be
    lost.
*/
class identity_check : public std::enable_shared_from_this<identity_check> {
public:
    using completion = callback<void(result<std::shared_ptr<const verified_id_token>>)>;

    /// What every check needs of its client.
    struct surroundings {
        std::shared_ptr<const client_settings> client;
        std::shared_ptr<const known_server> server;
        std::shared_ptr<shared_fetch<>> keys;
    };

    /// Of a sign-in; set_login() before run().
    explicit identity_check(surroundings around) : around_(std::move(around)) {}
    /// Of a refresh.
    identity_check(surroundings around, std::shared_ptr<const verified_id_token> previous)
        : around_(std::move(around)), previous_(std::move(previous))
    {
    }

    void set_login(pending_login login, secret code) noexcept
    {
        login_ = std::move(login);
        code_ = std::move(code);
    }

    /// Whether there has to be an ID token.
    bool required() const noexcept { return !previous_; }
    const std::shared_ptr<const verified_id_token>& previous() const noexcept { return previous_; }

    /** @param complete called once, from here or from a strand of some executor */
    COAUTH_DECL void run(const boost::asio::any_io_executor& executor, secret id_token,
                         std::string_view access_token, completion complete);

private:
    error without_keys(error reason) const;
    void attempt(const boost::asio::any_io_executor& executor, const shared_document& keys);

    surroundings around_;
    pending_login login_;
    secret code_;
    std::shared_ptr<const verified_id_token> previous_;

    secret id_token_;
    secret access_token_;
    completion complete_;
    std::uint64_t fetches_before_ = 0;
    int attempts_ = 0;
};

} // namespace coauth::inline COAUTH_MODE::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/detail/identity_check.ipp>
#endif

#endif
