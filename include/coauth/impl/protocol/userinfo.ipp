#ifndef COAUTH_IMPL_PROTOCOL_USERINFO_IPP
#define COAUTH_IMPL_PROTOCOL_USERINFO_IPP

#include <coauth/impl/detail/json_member.ipp>
#include <coauth/protocol/userinfo.hpp>

#include <algorithm>

namespace coauth {

COAUTH_DECL std::string_view userinfo::claim(std::string_view name) const
{
    return detail::string_member(claims(), name).value_or(std::string_view());
}

namespace detail {

COAUTH_LAZY_DECL result<userinfo> parse_userinfo(const answer& from, bool needs_subject, const limits& bounds)
{
    if (from.status != 200)
        return parse_error_response(from, bounds);
    if (!is_media_type(from.content_type, "application/json"))
        return error(errc::unexpected_content_type).set_http_status(from.status);
    auto document = json_document::parse(from.body, bounds);
    if (!document)
        return error(document.error()).set_http_status(from.status);
    // GitHub and others answer 200 with an error in it.
    if (document->object().contains("error") && !document->object().contains("sub"))
        return parse_error_response({400, from.content_type, from.retry_after, from.body}, bounds)
            .set_http_status(from.status);
    // OpenID Connect Core 2: "It MUST NOT exceed 255 ASCII characters in length." A control character in it
    // would make two people one for whoever reads up to a NUL or a line's end.
    const auto subject = string_member(document->object(), "sub");
    const bool usable = subject && !subject->empty() && subject->size() <= 255 &&
                        std::none_of(subject->begin(), subject->end(), [](char c) {
                            return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
                        });
    if (!usable && (needs_subject || !is_absent(document->object(), "sub")))
        return error(errc::subject_missing).set_http_status(from.status);
    std::string name(subject.value_or(std::string_view()));
    return userinfo(std::move(*document), std::move(name));
}

} // namespace detail
} // namespace coauth

#endif
