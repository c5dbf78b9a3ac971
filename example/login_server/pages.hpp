// The pages that people see. What is not markup goes through html_escape() here and nowhere else.
#ifndef LOGIN_SERVER_PAGES_HPP
#define LOGIN_SERVER_PAGES_HPP

#include "problem.hpp"
#include "session_store.hpp"
#include "web.hpp"

#include <string>
#include <string_view>

namespace login_server {

/// What all pages need to know.
struct page_context {
    page_context(std::string provider, std::string hint, std::string resource)
        : provider_name(std::move(provider)), sign_in_hint(std::move(hint)), resource_url(std::move(resource))
    {
    }
    std::string provider_name;
    std::string sign_in_hint; // whom to sign in as; empty if one knows
    std::string resource_url; // of the API to call; empty if there is none
    std::string
        end_session_url{}; // where the provider signs people out; empty if it does not, or is not known yet
};

/// A protected API's answer.
struct resource_view {
    resource_view(unsigned answer_status, std::string type, std::string text, std::string wanted)
        : status(answer_status),
          content_type(std::move(type)),
          body(std::move(text)),
          challenge(std::move(wanted))
    {
    }
    unsigned status;
    std::string content_type;
    std::string body;
    std::string challenge; // what the API finds wrong with the token
};

web_answer welcome_page(const page_context& context);
web_answer home_page(const page_context& context, const session& of);
web_answer profile_page(const page_context& context, const session& of);
web_answer resource_page(const page_context& context, const session& of, const resource_view& shown);

/// After the provider sent somebody back who signed out there.
web_answer signed_out_page(const page_context& context);

/// @param return_to where a new sign-in should lead; empty if none is offered
web_answer problem_page(const problem& what, std::string_view return_to);

} // namespace login_server

#endif
