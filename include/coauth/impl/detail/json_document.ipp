#ifndef COAUTH_IMPL_DETAIL_JSON_DOCUMENT_IPP
#define COAUTH_IMPL_DETAIL_JSON_DOCUMENT_IPP

#include <coauth/core/secret.hpp>
#include <coauth/detail/json_document.hpp>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/memory_resource.hpp>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_stack.hpp>

#include <cstdint>
#include <new>

namespace coauth::detail {

class cleansing_resource final : public boost::json::memory_resource {
    void* do_allocate(std::size_t size_bytes, std::size_t alignment) override
    {
        return ::operator new(size_bytes, std::align_val_t(alignment));
    }
    void do_deallocate(void* data, std::size_t size_bytes, std::size_t alignment) override
    {
        cleanse(data, size_bytes);
        ::operator delete(data, std::align_val_t(alignment));
    }
    bool do_is_equal(const memory_resource& other) const noexcept override { return this == &other; }
};

/** Builds a value and counts what it is built from.

    Boost.JSON keeps the last of two members of the same name without a word. So the members that arrive
    are counted, and compared with those of the value that came out.
*/
class counting_handler {
public:
    static constexpr std::size_t max_object_size = SIZE_MAX;
    static constexpr std::size_t max_array_size = SIZE_MAX;
    static constexpr std::size_t max_key_size = SIZE_MAX;
    static constexpr std::size_t max_string_size = SIZE_MAX;

    /// @param scratch for what is not yet part of a value
    counting_handler(std::size_t most_nodes, boost::json::storage_ptr scratch, boost::json::storage_ptr values)
        : stack_(std::move(scratch)), most_nodes_(most_nodes)
    {
        stack_.reset(std::move(values));
    }

    boost::json::value release() { return stack_.release(); }
    std::size_t members() const noexcept { return members_; }

    using code = boost::json::error_code;
    using text = boost::json::string_view;

    bool on_document_begin(code&) { return true; }
    bool on_document_end(code&) { return true; }
    bool on_object_begin(code&) { return true; }
    bool on_array_begin(code&) { return true; }
    bool on_object_end(std::size_t size, code& failure)
    {
        stack_.push_object(size);
        members_ += size;
        return count(failure);
    }
    bool on_array_end(std::size_t size, code& failure)
    {
        stack_.push_array(size);
        return count(failure);
    }
    bool on_key_part(text part, std::size_t, code&)
    {
        stack_.push_chars(part);
        return true;
    }
    bool on_key(text part, std::size_t, code& failure)
    {
        stack_.push_key(part);
        return count(failure);
    }
    bool on_string_part(text part, std::size_t, code&)
    {
        stack_.push_chars(part);
        return true;
    }
    bool on_string(text part, std::size_t, code& failure)
    {
        stack_.push_string(part);
        return count(failure);
    }
    bool on_number_part(text, code&) { return true; }
    bool on_int64(std::int64_t number, text, code& failure)
    {
        stack_.push_int64(number);
        return count(failure);
    }
    bool on_uint64(std::uint64_t number, text, code& failure)
    {
        stack_.push_uint64(number);
        return count(failure);
    }
    bool on_double(double number, text, code& failure)
    {
        stack_.push_double(number);
        return count(failure);
    }
    bool on_bool(bool value, code& failure)
    {
        stack_.push_bool(value);
        return count(failure);
    }
    bool on_null(code& failure)
    {
        stack_.push_null();
        return count(failure);
    }
    bool on_comment_part(text, code&) { return true; }
    bool on_comment(text, code&) { return true; }

private:
    bool count(code& failure)
    {
        if (++nodes_ <= most_nodes_)
            return true;
        failure = make_error_code(boost::json::error::array_too_large);
        return false;
    }

    boost::json::value_stack stack_;
    std::size_t members_ = 0;
    std::size_t nodes_ = 0;
    std::size_t most_nodes_;
};

/// Recursion is bounded by the depth that the parser let pass.
inline std::size_t count_members(const boost::json::value& value) noexcept
{
    std::size_t sum = 0;
    if (const auto* object = value.if_object()) {
        sum = object->size();
        for (const auto& member : *object)
            sum += count_members(member.value());
    } else if (const auto* array = value.if_array()) {
        for (const auto& element : *array)
            sum += count_members(element);
    }
    return sum;
}

struct json_document::storage {
    explicit storage(std::size_t size_hint) : arena(size_hint, &upstream) {}
    cleansing_resource upstream;
    boost::json::monotonic_resource arena;
    boost::json::value root; // after the arena that it lives in
};

COAUTH_DECL result<json_document> json_document::parse(std::string_view text, const limits& bounds)
{
    auto storage = std::make_shared<json_document::storage>(text.size() * 2 + 512);
    boost::json::parse_options options;
    options.max_depth = bounds.json_depth;
    boost::json::basic_parser<counting_handler> parser(options, bounds.json_nodes,
                                                       boost::json::storage_ptr(&storage->upstream),
                                                       boost::json::storage_ptr(&storage->arena));
    boost::json::error_code failure;
    const std::size_t read = parser.write_some(false, text.data(), text.size(), failure);
    if (failure || read != text.size() || !parser.done())
        return errc::malformed_json;
    storage->root.~value();
    new (&storage->root) boost::json::value(parser.handler().release());
    if (!storage->root.is_object())
        return errc::malformed_json;
    if (count_members(storage->root) != parser.handler().members())
        return errc::duplicate_member;
    json_document out;
    out.storage_ = std::move(storage);
    return out;
}

COAUTH_DECL const boost::json::object& json_document::object() const noexcept
{
    static const boost::json::object none; // of a document that was made without parsing
    return storage_ ? storage_->root.get_object() : none;
}

} // namespace coauth::detail

#endif
