#include "flow_fixture.hpp"

#include <boost/url/parse.hpp>

namespace coauth_test {

coauth::endpoint_url endpoint(std::string_view url) { return coauth::endpoint_url::parse(url).value(); }

coauth::server_metadata server_on_paper()
{
    coauth::server_metadata out(endpoint(authorization_endpoint), endpoint(token_endpoint));
    out.set_issuer(coauth::issuer::parse(server_issuer).value())
        .set_userinfo_endpoint(endpoint(userinfo_endpoint))
        .set_revocation_endpoint(endpoint(revocation_endpoint))
        .set_jwks_uri(endpoint(jwks_uri))
        .set_token_endpoint_authentication_methods({"client_secret_basic", "client_secret_post"})
        .set_sends_issuer_in_response(true);
    return out;
}

coauth::client_registration<coauth::client_secret_basic> registration_on_paper()
{
    return {"client-1", coauth::client_secret_basic(coauth::secret(canary_client_secret)),
            coauth::redirect_uri::parse(callback_url).value()};
}

std::string token_response_body(bool with_id_token)
{
    return R"({"access_token":")" + canary_access_token + R"(","token_type":"Bearer","expires_in":3600,)" +
           R"("refresh_token":")" + canary_refresh_token + '"' +
           (with_id_token ? R"(,"id_token":")" + canary_id_token + '"' : "") + '}';
}

std::string refresh_response_body()
{
    return R"({"access_token":")" + canary_new_access_token +
           R"(","token_type":"Bearer","expires_in":3600,)" + R"("refresh_token":")" +
           canary_new_refresh_token + R"("})";
}

std::string userinfo_body() { return R"({"sub":"person-1","name":"A Person"})"; }

parameter_map query_of(std::string_view url)
{
    const auto parsed = boost::urls::parse_uri(url).value();
    return parse_parameters(std::string_view(parsed.encoded_query().data(), parsed.encoded_query().size()));
}

std::string state_of(const coauth::authorization_request& request)
{
    return only_value(query_of(request.url()), "state");
}

std::string callback_query(const coauth::authorization_request& request, std::string_view code)
{
    return "code=" + std::string(code) + "&state=" + state_of(request) + "&iss=https%3A%2F%2Fas.example";
}

coauth::token_set tokens_on_paper(std::string_view scope)
{
    coauth::token_set out(coauth::secret(canary_access_token), "Bearer", coauth::scope::parse(scope).value());
    out.set_refresh_token(coauth::secret(canary_refresh_token));
    return out;
}

template class stepped_operation<coauth::result<void>>;
template class stepped_operation<coauth::result<coauth::authorization_request>>;
template class stepped_operation<coauth::result<coauth::authorization_code>>;
template class stepped_operation<coauth::result<coauth::token_set>>;
template class stepped_operation<coauth::result<coauth::userinfo>>;
template class stepped_operation<coauth::result<coauth::server_metadata>>;

} // namespace coauth_test

template class coauth::detail::transport_model<coauth_test::scripted_transport>;
template class coauth::basic_client<coauth_test::manual_policy>;
template class coauth::basic_client<coauth_test::manual_compatible_policy>;
