// Floor 2.
#ifndef COAUTH_PROTOCOL_BEARER_CHALLENGE_HPP
#define COAUTH_PROTOCOL_BEARER_CHALLENGE_HPP

#include <coauth/core/error.hpp>
#include <coauth/core/scope.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coauth::inline COAUTH_MODE {

/** What a protected resource says of a token that it does not accept.

    Untrusted text throughout; error_description() is filtered as coauth::error filters it.

    @par Thread safety Distinct objects: safe. Shared objects: const functions are safe.
    @par Specification RFC 6750 3, RFC 9470 3
*/
class bearer_challenge {
public:
    /** Find the Bearer challenge among those of the WWW-Authenticate fields.

        Fields beyond 8 KiB or 16 challenges in all, and malformed ones, are read as far as they make sense.

        @return no value if there is none
    */
    static COAUTH_DECL std::optional<bearer_challenge>
    parse(const std::vector<std::string_view>& field_values);

    /// The value of a parameter, its name compared without case; empty if it is missing.
    COAUTH_DECL std::string_view parameter(std::string_view name) const noexcept;

    std::string_view realm() const noexcept { return parameter("realm"); }
    /// The scope that the resource wants.
    std::string_view scope() const noexcept { return parameter("scope"); }
    /// Authentication contexts and age that the resource wants (step-up authentication).
    std::string_view acr_values() const noexcept { return parameter("acr_values"); }
    std::string_view max_age() const noexcept { return parameter("max_age"); }

    /// `error` and `error_description` as a coauth::error; no value if the challenge has no `error`.
    COAUTH_DECL std::optional<error> reason() const;

private:
    struct field {
        std::string name;
        std::string value;
    };
    friend class challenge_parser;
    std::vector<field> parameters_;
};

} // namespace coauth::inline COAUTH_MODE

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/protocol/bearer_challenge.ipp>
#endif

#endif
