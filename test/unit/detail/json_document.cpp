#include <coauth/detail/json_document.hpp>

#include "../expect.hpp"
#include "../memory.hpp"

#include <boost/json/object.hpp>
#include <boost/test/unit_test.hpp>

#include <cmath>

namespace {

using namespace coauth;
using namespace coauth::test;
using coauth::detail::json_document;

std::string outcome_of(std::string_view text, const limits& bounds = {})
{
    return outcome_name(json_document::parse(text, bounds));
}

constexpr std::string_view malformed = "coauth.client:malformed_json";
constexpr std::string_view duplicate = "coauth.client:duplicate_member";

std::string nested(std::string_view open, std::string_view close, std::size_t depth)
{
    return repeated(open, depth) + repeated(close, depth);
}

} // namespace

BOOST_AUTO_TEST_SUITE(detail_json_document)

BOOST_AUTO_TEST_CASE(an_object_is_read)
{
    const auto document = json_document::parse(
        R"( { "a" : "text" , "b" : [1, -2, 1.5, true, false, null, {"a": ""}], "": {} } )"
        "\n",
        {});
    BOOST_TEST_REQUIRE(outcome_name(document) == "ok");
    const boost::json::object& object = document->object();
    BOOST_TEST(object.size() == 3u);
    BOOST_TEST((object.at("a").as_string() == "text"));
    const boost::json::array& array = object.at("b").as_array();
    BOOST_TEST(array.size() == 7u);
    BOOST_TEST(array[1].as_int64() == -2);
    BOOST_TEST(array[2].as_double() == 1.5);
    BOOST_TEST(array[3].as_bool());
    BOOST_TEST(array[5].is_null());
    BOOST_TEST(outcome_of("{}") == "ok");
}

BOOST_AUTO_TEST_CASE(numbers_keep_what_they_are)
{
    const auto document = json_document::parse(
        R"({"a":9223372036854775807,"b":9223372036854775808,"c":18446744073709551616,"d":1e400,"e":-9223372036854775808})",
        {});
    const auto& object = document.value().object();
    BOOST_TEST(object.at("a").is_int64());
    BOOST_TEST(object.at("b").is_uint64());
    BOOST_TEST(object.at("c").is_double());
    BOOST_TEST(std::isinf(object.at("d").as_double()));
    BOOST_TEST(object.at("e").as_int64() == INT64_MIN);
}

BOOST_AUTO_TEST_CASE(TE5_anything_but_an_object_is_refused)
{
    for (const std::string_view text :
         {"", " ", "[]", "[{}]", "null", "true", "1", "\"text\"", "\"{}\"", "nul", "{", "}", "{}{}", "{},{}"})
        BOOST_TEST(outcome_of(text) == malformed, text);
}

BOOST_AUTO_TEST_CASE(TE6_a_member_that_occurs_twice_is_refused_at_any_depth)
{
    for (const std::string_view text :
         {R"({"a":1,"a":1})", R"({"a":1,"b":2,"a":3})", R"({"":1,"":2})", R"({"a":{"b":1,"b":2}})",
          R"({"a":[[{"b":1},{"b":1,"c":2,"b":3}]]})", R"({"access_token":"x","\u0061ccess_token":"y"})",
          R"({"a\/b":1,"a/b":2})", R"({"\u00e4":1,"ä":2})", R"({"a":{"b":1,"b":2},"a":1})",
          R"({"a":1,"a":{"b":1,"c":2}})", R"({"a":{"b":1},"a":{"b":1}})", R"({"a\u0000":1,"a\u0000":2})"})
        BOOST_TEST(outcome_of(text) == duplicate, text);
    std::string many = "{";
    for (int i = 0; i < 5000; ++i)
        many += "\"k" + std::to_string(i) + "\":0,";
    BOOST_TEST(outcome_of(many + "\"k2500\":1}") == duplicate);
    BOOST_TEST(outcome_of(many + "\"k5000\":1}") == "ok");
    // Not twice: another case, another object, a value.
    for (const std::string_view text :
         {R"({"a":1,"A":1})", R"({"a":{"a":{"a":1}}})", R"([{"a":1},{"a":1}])", R"({"x":[{"a":1},{"a":1}]})",
          R"({"a":"a"})", R"({"a":":,\":\\"})", R"({":":":"})", R"({"\\":1,"\"":2})",
          R"({"a":1,"a\u0000":2})", R"({"a":1," a":2})"})
        BOOST_TEST(outcome_of(text) == (text.starts_with('[') ? malformed : "ok"), text);
}

BOOST_AUTO_TEST_CASE(TE7_what_is_not_json_is_refused)
{
    for (const std::string_view text : {R"({"a":1} x)",
                                        R"({"a":1}{)",
                                        R"({"a":1},)",
                                        "{\"a\":1}\xff",
                                        "\xef\xbb\xbf{}", // BOM
                                        R"({"a":1,})",
                                        R"({a:1})",
                                        R"({'a':1})",
                                        R"({"a":'b'})",
                                        R"({"a" 1})",
                                        R"({"a":1 "b":2})",
                                        R"(/* c */{})",
                                        R"({} // c)",
                                        R"({"a":NaN})",
                                        R"({"a":Infinity})",
                                        R"({"a":-Infinity})",
                                        R"({"a":inf})",
                                        R"({"a":01})",
                                        R"({"a":+1})",
                                        R"({"a":.5})",
                                        R"({"a":1.})",
                                        R"({"a":0x10})",
                                        R"({"a":1e})",
                                        R"({"a":-})",
                                        R"({"a":tru})",
                                        R"({"a":True})",
                                        R"({"a":undefined})",
                                        R"({"a"})",
                                        R"({"a":})",
                                        R"({1:2})",
                                        R"({null:1})",
                                        R"({"a":"\ud800"})",
                                        R"({"a":"\udc00"})",
                                        R"({"a":"\ud800\u0041"})",
                                        R"({"a":"\ud800x"})", // lone surrogates
                                        R"({"\ud800":1})",
                                        R"({"a":"\x41"})",
                                        R"({"a":"\u12"})",
                                        R"({"a":"\u12g4"})",
                                        "{\"a\":\"\n\"}",
                                        "{\"a\":\"\t\"}",
                                        "{\"a\":\"\x01\"}",
                                        "{\"a\n\":1}", // raw controls
                                        "{\"a\":\"\xff\"}",
                                        "{\"a\":\"\xc3\"}",
                                        "{\"a\":\"\xc0\xaf\"}",
                                        "{\"a\":\"\xed\xa0\x80\"}", // not UTF-8
                                        "{\"a\":\"\xf4\x90\x80\x80\"}",
                                        "{\"\xff\":1}",
                                        "{\"a\":\"",
                                        "{\"a\":\"\\",
                                        "{\"a\":[1,2}",
                                        "{\"a\":[1,]}",
                                        "{\"a\":[",
                                        "\v{}",
                                        "\f{}"})
        BOOST_TEST(outcome_of(text) == malformed, text);
    BOOST_TEST(outcome_of(bytes("{}\0")) == malformed);
    BOOST_TEST(outcome_of(bytes("\0{}")) == malformed);
    BOOST_TEST(outcome_of(bytes("{\"a\":\"\0\"}")) == malformed);
    // While this is: escapes, pairs of surrogates, white space of RFC 8259 2 around it.
    for (const std::string_view text : {R"({"a":"\u0000\ud83d\ude00\"\\\/\b\f\n\r\t"})", "\t\r\n {} \t\r\n",
                                        R"({"a":-0})", R"({"a":1E+2})", "{\"a\":\"\xf0\x9f\x98\x80\"}"})
        BOOST_TEST(outcome_of(text) == "ok", text);
}

BOOST_AUTO_TEST_CASE(DO1_DO7_json_nested_too_deep)
{
    const auto wrapped = [](std::size_t levels_below, std::string_view open, std::string_view close) {
        return "{\"a\":" + repeated(open, levels_below) + "1" + repeated(close, levels_below) + "}";
    };
    BOOST_TEST(outcome_of(wrapped(31, "[", "]")) == "ok");
    BOOST_TEST(outcome_of(wrapped(32, "[", "]")) == malformed);
    BOOST_TEST(outcome_of(wrapped(31, "{\"a\":", "}")) == "ok");
    BOOST_TEST(outcome_of(wrapped(32, "{\"a\":", "}")) == malformed);
    BOOST_TEST(outcome_of(wrapped(100'000, "[", "]")) == malformed);
    BOOST_TEST(outcome_of(wrapped(100'000, "{\"a\":", "}")) == malformed);
    BOOST_TEST(outcome_of("{\"a\":" + repeated("[", 1'000'000)) == malformed);
    BOOST_TEST(outcome_of(nested("[", "]", 100'000)) == malformed);
    limits bounds;
    bounds.json_depth = 1;
    BOOST_TEST(outcome_of(R"({"a":1})", bounds) == "ok");
    BOOST_TEST(outcome_of(R"({"a":[]})", bounds) == malformed);
    bounds.json_depth = 0;
    BOOST_TEST(outcome_of(R"({})", bounds) == malformed);
}

BOOST_AUTO_TEST_CASE(DO2_json_with_too_many_nodes)
{
    // Values and member names count: the object, and for each member two.
    const auto with_members = [](std::size_t count) {
        std::string out = "{";
        for (std::size_t i = 0; i < count; ++i)
            out += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":0";
        return out + "}";
    };
    BOOST_TEST(outcome_of(with_members(9'999)) == "ok");
    BOOST_TEST(outcome_of(with_members(10'000)) == malformed);
    BOOST_TEST(outcome_of("{\"a\":[" + repeated("0,", 19'996) + "0]}") == "ok");
    BOOST_TEST(outcome_of("{\"a\":[" + repeated("0,", 19'997) + "0]}") == malformed);
    BOOST_TEST(outcome_of(repeated("{\"a\":", 200'000)) == malformed);
    BOOST_TEST(outcome_of("{\"a\":[" + repeated("[],", 500'000) + "[]]}") == malformed);
    limits bounds;
    for (const std::string_view value :
         {"0", "-1", "18446744073709551615", "1.5", "true", "null", "\"x,[{:\\\"\""}) {
        bounds.json_nodes = 3; // the outer object, a name, the value
        BOOST_TEST(outcome_of("{\"a\":" + std::string(value) + "}", bounds) == "ok", value);
        bounds.json_nodes = 2;
        BOOST_TEST(outcome_of("{\"a\":" + std::string(value) + "}", bounds) == malformed, value);
    }
    for (const std::string_view value : {"[0]", "{\"b\":0}", "[[]]"}) {
        bounds.json_nodes = value == "[0]" ? 4 : 5;
        BOOST_TEST(outcome_of("{\"a\":" + std::string(value) + "}", bounds) == "ok", value);
        --bounds.json_nodes;
        BOOST_TEST(outcome_of("{\"a\":" + std::string(value) + "}", bounds) == malformed, value);
    }
    bounds.json_nodes = 0;
    BOOST_TEST(outcome_of("{}", bounds) == malformed);
}

BOOST_AUTO_TEST_CASE(long_texts_are_read_whole)
{
    // Beyond the buffers that the parser hands parts of a text over in, with escapes at their edges.
    for (const std::size_t size : {1000, 2047, 2048, 2049, 100'000}) {
        const std::string text(size, 'x');
        const auto document =
            json_document::parse("{\"" + text + "\":\"\\n" + text + "\\u00e4" + text + "\"}", {});
        BOOST_TEST_REQUIRE(outcome_name(document) == "ok");
        BOOST_TEST(
            (std::string_view(document->object().at(text).as_string()) == "\n" + text + "\xc3\xa4" + text));
    }
    const auto number = json_document::parse("{\"a\":0." + std::string(5000, '1') + "}", {});
    BOOST_TEST(outcome_name(number) == "ok");
}

BOOST_AUTO_TEST_CASE(DO12_nothing_beyond_the_text_is_read)
{
    // Each beginning of a document, in a block of its own that ends where the text ends.
    const std::string_view whole = R"({"a\"":["\u00e4x",-1.5e3,true,null,{}],"b":{"c":""}} )";
    for (std::size_t size = 0; size <= whole.size(); ++size) {
        const auto block = std::make_unique<char[]>(size);
        std::copy_n(whole.begin(), size, block.get());
        BOOST_TEST(outcome_of({block.get(), size}) == (size + 1 < whole.size() ? malformed : "ok"), size);
    }
}

BOOST_AUTO_TEST_CASE(one_that_was_never_parsed_is_empty) { BOOST_TEST(json_document().object().empty()); }

BOOST_AUTO_TEST_CASE(copies_share)
{
    auto first = json_document::parse(R"({"a":"b"})", {});
    const json_document second = first.value();
    BOOST_TEST(&first->object() == &second.object());
    first = errc::malformed_json;
    BOOST_TEST((second.object().at("a").as_string() == "b"));
}

BOOST_AUTO_TEST_CASE(copies_of_what_callers_see_outlive_the_document)
{
    boost::json::object copy;
    {
        const auto document =
            json_document::parse_for_callers(R"({"a":{"b":"a text that is longer than a small one"}})", {});
        BOOST_TEST_REQUIRE(document.has_value());
        boost::json::object made(document->object());
        copy = std::move(made);
        BOOST_TEST((copy.storage() == boost::json::storage_ptr()));
        const auto shared = document->share();
        BOOST_TEST(shared.get() == &document->object());
    }
    BOOST_TEST((copy.at("a").at("b").as_string() == "a text that is longer than a small one"));
    BOOST_TEST(json_document().share()->empty());
}

BOOST_AUTO_TEST_CASE(LG5_its_memory_is_wiped)
{
    const std::string needle = "eyJhbGciOi-canary-0123456789";
    const auto body = [&needle](std::string_view end) {
        return "{\"access_token\":\"" + needle + repeated("x", 5000) + "\",\"" + needle + "\":[\"\\n" +
               needle + "\"]" + std::string(end);
    };
    for (const std::string_view end : {"}", "} ", ",\"access_token\":1}", ",", "}}"}) {
        const std::string text = body(end);
        const freed_memory_watch watch(needle);
        {
            const auto document = json_document::parse(text, {});
            BOOST_TEST(document.has_value() == (end == "}" || end == "} "), end);
        }
        BOOST_TEST(watch.blocks() > 0u);
        BOOST_TEST(watch.leaks() == 0u, end);
    }
}

BOOST_AUTO_TEST_SUITE_END()
