// Floor 2.
#ifndef COAUTH_PROTOCOL_CLIENT_AUTHENTICATION_HPP
#define COAUTH_PROTOCOL_CLIENT_AUTHENTICATION_HPP

#include <coauth/core/client_registration.hpp>
#include <coauth/core/result.hpp>

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace coauth::inline COAUTH_MODE::detail {

/// A generator of unpredictable bytes, as a policy's random_source::fill.
using random_fill = result<void> (*)(std::span<unsigned char> out);

/// What an assertion says beside who the client is.
struct assertion_context {
    std::string_view issuer{}; ///< of the server that it is for
    std::chrono::system_clock::time_point now{};
    random_fill random = nullptr;
};

/// Signs for a client: see protocol/client_assertion.hpp.
class assertion_source {
public:
    virtual ~assertion_source() = default;

    virtual result<secret> make(const assertion_context& context) const = 0;

    /// Whether it is what the server takes for the client secret, and no assertion of RFC 7523.
    virtual bool is_client_secret() const noexcept = 0;
    /// Whether make() needs assertion_context::issuer.
    virtual bool needs_issuer() const noexcept = 0;
};

/// A method that signs something new for each request.
template <class T>
concept signing_authentication_method =
    client_authentication_method<T> && requires(const T& method, const std::string& client_id) {
        { method.source(client_id) } -> std::convertible_to<std::shared_ptr<const assertion_source>>;
    };

/** How a client proves who it is, with its type forgotten: a header field or body parameters, never both.

    RFC 6749 2.3: "The client MUST NOT use more than one authentication method in each request."
*/
class client_credentials {
public:
    client_credentials() = default;
    COAUTH_DECL client_credentials(std::string client_id, const client_secret_basic& method);
    COAUTH_DECL client_credentials(std::string client_id, const client_secret_post& method);
    COAUTH_DECL client_credentials(std::string client_id, const public_client& method);
    COAUTH_DECL client_credentials(std::string client_id,
                                   const insecure::unencoded_client_secret_basic& method);
    template <signing_authentication_method Method>
    client_credentials(std::string client_id, const Method& method)
        : client_id_(std::move(client_id)),
          method_name_(Method::method_name),
          source_(method.source(client_id_))
    {
    }

    const std::string& client_id() const noexcept { return client_id_; }
    std::string_view method_name() const noexcept { return method_name_; }
    bool needs_issuer() const noexcept { return source_ && source_->needs_issuer(); }

    /// What names assertions. Without it there are none.
    client_credentials& set_random_source(random_fill value) noexcept
    {
        random_ = value;
        return *this;
    }

    /// Whether each request has a signature of its own: for_request().
    bool signs() const noexcept { return source_ != nullptr; }

    /** What one request authenticates with: these credentials, or a new signature in their place.

        @param issuer of the server that the request goes to; may be empty unless needs_issuer()
        @par Errors errc::random_source_failed, errc::invalid_configuration: nothing can be signed
    */
    COAUTH_DECL result<client_credentials> for_request(std::string_view issuer,
                                                       std::chrono::system_clock::time_point now) const;

    /// The value of the Authorization field; empty if the method needs none.
    const secret& authorization_field() const noexcept { return authorization_field_; }
    /// Add to a request body what the method puts there. Those that sign have to have done it: for_request().
    COAUTH_DECL void append_to(secure_bytes& body) const;

private:
    std::string client_id_;
    std::string_view method_name_;
    secret authorization_field_;
    secret post_secret_;
    secret assertion_;
    std::shared_ptr<const assertion_source> source_;
    random_fill random_ = nullptr;
};

} // namespace coauth::inline COAUTH_MODE::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/protocol/client_authentication.ipp>
#endif

#endif
