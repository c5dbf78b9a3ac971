// A file of a web application: its sign-in and callback handlers.
#include <iddawc.h>

#include <string>

std::string login(_i_session& session);
std::string callback(_i_session& session, const std::string& address);

std::string login(_i_session& session)
{
    if (i_set_parameter_list(&session, I_OPT_SCOPE, "openid email", I_OPT_STATE_GENERATE, 43,
                             I_OPT_NONCE_GENERATE, 43, I_OPT_PKCE_CODE_VERIFIER_GENERATE, 43,
                             I_OPT_NONE) != I_OK ||
        i_set_additional_parameter(&session, "prompt", "consent") != I_OK ||
        i_build_auth_url_get(&session) != I_OK)
        return {};
    return i_get_str_parameter(&session, I_OPT_REDIRECT_TO);
}

std::string callback(_i_session& session, const std::string& address)
{
    if (i_set_str_parameter(&session, I_OPT_REDIRECT_TO, address.c_str()) != I_OK ||
        i_parse_redirect_to(&session) != I_OK || i_run_token_request(&session) != I_OK)
        return {};
    return i_get_str_parameter(&session, I_OPT_ACCESS_TOKEN);
}
