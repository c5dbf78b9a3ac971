// Floor 4. For tests and examples.
#ifndef COAUTH_TESTING_PAGE_HPP
#define COAUTH_TESTING_PAGE_HPP

#include <coauth/testing/server_exchange.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coauth::inline COAUTH_MODE::testing {

/// Text as it may stand between tags and in quoted attributes.
COAUTH_DECL std::string html_escape(std::string_view text);

/** A web page in the look that the authorization server and the examples share. Without scripts.

    Classes to use in the markup: `notice` with `good` or `bad`; `field` around a label and its input;
    `actions` around buttons, `secondary` on the lesser ones and `plain` on one that looks like a link;
    `facts` on a `dl`; `scopes` on a `ul` whose items get a tick; `lead` and `quiet` on paragraphs; `code`
    on a `pre`.

    @par Thread safety Distinct objects: safe. Shared objects: const functions are safe.
*/
class page {
public:
    /// All of these take plain text.
    explicit page(std::string title) : title_(std::move(title)) {}
    page& set_site_name(std::string value)
    {
        site_name_ = std::move(value);
        return *this;
    }
    page& set_footer(std::string value)
    {
        footer_ = std::move(value);
        return *this;
    }

    /// Markup for the card in the middle; see html_escape() for what is not yours.
    page& add(std::string_view markup)
    {
        content_ += markup;
        return *this;
    }
    /// Markup for the right end of the header: who is signed in, a button to leave.
    page& set_aside(std::string markup)
    {
        aside_ = std::move(markup);
        return *this;
    }
    /// A wider card, for tables and code.
    page& set_wide() noexcept
    {
        wide_ = true;
        return *this;
    }

    /** Where a form of the page may lead besides its own origin, also by redirects after it was sent.

        Browsers hold redirects against `form-action`, so a form whose answer sends people to the client
        has to name the client's redirect URI.
    */
    COAUTH_DECL page& add_form_target(std::string_view url);

    /// Another page in an invisible frame.
    COAUTH_DECL page& add_frame(std::string_view url);

    COAUTH_DECL std::string html() const;

    /** Content-Type and the fields that keep the page to itself: no scripts, frames, caching or referrer.

        Without a referrer browsers send `Origin: null` with the page's forms, also to their own origin:
        whoever checks where a form came from looks at Sec-Fetch-Site, or replaces Referrer-Policy.
    */
    COAUTH_DECL std::vector<http_field> fields() const;

    static COAUTH_DECL std::string_view stylesheet() noexcept;

private:
    std::string title_;
    std::string site_name_;
    std::string footer_;
    std::string content_;
    std::string aside_;
    std::string form_targets_;
    std::string frame_sources_;
    bool wide_ = false;
};

} // namespace coauth::inline COAUTH_MODE::testing

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/testing/page.ipp>
#endif

#endif
