// Floor 2.
#ifndef COAUTH_DETAIL_JSON_DOCUMENT_HPP
#define COAUTH_DETAIL_JSON_DOCUMENT_HPP

#include <coauth/core/limits.hpp>
#include <coauth/core/result.hpp>

#include <boost/json/fwd.hpp>

#include <memory>
#include <string_view>

namespace coauth::inline COAUTH_MODE::detail {

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

    /** The same for what callers get to see: not wiped, and safe to copy.

        A copy of a Boost.JSON value uses the memory resource of the original. One of parse() would use that of a
        document which may be gone, or in use by another thread.
    */
    static COAUTH_DECL result<json_document> parse_for_callers(std::string_view text, const limits& bounds);

    COAUTH_DECL const boost::json::object& object() const noexcept;
    /// The object, which keeps the document.
    COAUTH_DECL std::shared_ptr<const boost::json::object> share() const noexcept;

private:
    struct storage;
    static result<json_document> read(std::string_view text, const limits& bounds,
                                      std::shared_ptr<storage> into, boost::json::storage_ptr memory);
    std::shared_ptr<const storage> storage_;
};

} // namespace coauth::inline COAUTH_MODE::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/detail/json_document.ipp>
#endif

#endif
