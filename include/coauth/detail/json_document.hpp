// Floor 2.
#ifndef COAUTH_DETAIL_JSON_DOCUMENT_HPP
#define COAUTH_DETAIL_JSON_DOCUMENT_HPP

#include <coauth/core/limits.hpp>
#include <coauth/core/result.hpp>

#include <boost/json/fwd.hpp>

#include <memory>
#include <string_view>

namespace coauth::detail {

/** A JSON object from a stranger: bounded in depth and size, without members of the same name.

    Its memory is wiped when the last copy goes. Copies share.
*/
class json_document {
public:
    /** @par Errors
        - errc::malformed_json: not one JSON object, or beyond limits::json_depth or limits::json_nodes
        - errc::duplicate_member: two members of one object have the same name, wherever it is
    */
    static COAUTH_DECL result<json_document> parse(std::string_view text, const limits& bounds);

    COAUTH_DECL const boost::json::object& object() const noexcept;

private:
    struct storage;
    std::shared_ptr<const storage> storage_;
};

} // namespace coauth::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/detail/json_document.ipp>
#endif

#endif
