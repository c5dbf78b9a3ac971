// Floor 3. Pending sign-ins at rest.
#ifndef COAUTH_DETAIL_LOGIN_CODEC_HPP
#define COAUTH_DETAIL_LOGIN_CODEC_HPP

#include <coauth/core/result.hpp>
#include <coauth/core/secret.hpp>
#include <coauth/detail/seal.hpp>
#include <coauth/policy/pending_login.hpp>

namespace coauth::inline COAUTH_MODE::detail {

/// All of a pending sign-in as bytes.
COAUTH_DECL secure_bytes encode_login(const pending_login& login);

/** What encode_login() wrote.
    @par Errors errc::seal_broken: of a version that is not known here, or not from encode_login() at all
*/
COAUTH_DECL result<pending_login> decode_login(const opened_seal& opened);

} // namespace coauth::inline COAUTH_MODE::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/detail/login_codec.ipp>
#endif

#endif
