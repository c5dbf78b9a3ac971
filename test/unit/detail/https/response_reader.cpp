#include "cut_answers.hpp"

#include <coauth/detail/https/response_reader.hpp>

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace {

using coauth_test::check_every_cut;
using coauth_test::read_in_pieces;
using coauth_test::reading;

const std::string chunked = "HTTP/1.1 200 \r\nTransfer-Encoding:chunked\r\n\r\n";
constexpr std::size_t pairs_of_all = 160;

/// Reads an answer that arrives one byte at a time.
reading read_byte_by_byte(std::string_view bytes, std::size_t header_bytes = 32 * 1024,
                          std::size_t body_bytes = 1024 * 1024)
{
    std::vector<std::size_t> cuts;
    for (std::size_t cut = 1; cut < bytes.size(); ++cut)
        cuts.push_back(cut);
    return read_in_pieces(bytes, cuts, header_bytes, body_bytes);
}

/// An answer that needs no end of the connection, whatever comes after it and however both are cut.
void check_answer(const std::string& bytes, const std::string& text)
{
    for (const std::string_view surplus : {"", "\r", "\r\n", "0\r\n\r\n", "HTTP/1.1 500 x\r\n\r\n"}) {
        const reading got = check_every_cut(bytes + std::string(surplus), surplus.empty() ? pairs_of_all : 0);
        BOOST_TEST(got.is_answer, bytes << got);
        BOOST_TEST(!got.ended, bytes);
        BOOST_TEST(got.http_status == 200u, bytes);
        BOOST_TEST(got.consumed == bytes.size(), bytes);
        BOOST_TEST(got.text == text, bytes);
    }
}

/// Refused however it is cut, at the latest at the connection's end.
void check_no_answer(const std::string& bytes)
{
    const reading got = check_every_cut(bytes, pairs_of_all);
    BOOST_TEST(!got.is_answer, bytes << got);
}

std::string chunked_text(std::string_view body)
{
    return "Transfer-Encoding: chunked\n\nkept\n" + std::string(body);
}

} // namespace

BOOST_AUTO_TEST_SUITE(detail_response_reader)

BOOST_AUTO_TEST_CASE(TL27_chunked_answers_cut_at_every_byte)
{
    check_answer(chunked + "0\r\n\r\n", chunked_text(""));
    check_answer(chunked + "000\r\n\r\n", chunked_text(""));
    check_answer(chunked + "1\r\n{\r\n1\r\n}\r\n0\r\n\r\n", chunked_text("{}"));
    check_answer(chunked + "00a\r\n0123456789\r\n00\r\n\r\n", chunked_text("0123456789"));
    // A body that looks like its own end.
    check_answer(chunked + "5\r\n0\r\n\r\n\r\n0\r\n\r\n", chunked_text("0\r\n\r\n"));
}

BOOST_AUTO_TEST_CASE(TL27_trailers_and_extensions_cut_at_every_byte)
{
    check_answer(chunked + "0\r\nA: b\r\n\r\n", chunked_text(""));
    check_answer(chunked + "2\r\nok\r\n0\r\nA: b\r\nB:\r\nC: d\r\n e\r\n\r\n", chunked_text("ok"));
    check_answer(chunked + "2;a\r\nok\r\n0\r\n\r\n", chunked_text("ok"));
    check_answer(chunked + "2;a=b;c=\"d \\\" e\" ; f\r\nok\r\n0;g\r\n\r\n", chunked_text("ok"));
    check_answer(chunked + "0;a=b\r\nA: b\r\n\r\n", chunked_text(""));
}

BOOST_AUTO_TEST_CASE(TL27_other_answers_cut_at_every_byte)
{
    const std::string interim = "HTTP/1.1 100 \r\n\r\n";
    check_answer(interim + chunked + "1\r\nx\r\n0\r\n\r\n", chunked_text("x"));
    check_answer(interim + interim + chunked + "0\r\nA: b\r\n\r\n", chunked_text(""));
    check_answer("HTTP/1.1 103 x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked + "0\r\n\r\n",
                 chunked_text(""));
    check_answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "Content-Length: 2\n\nkept\nok");
    check_answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "Content-Length: 0\n\nkept\n");

    const reading to_the_end = check_every_cut("HTTP/1.1 200 OK\r\n\r\n0\r\n\r\n", pairs_of_all);
    BOOST_TEST(to_the_end.is_answer);
    BOOST_TEST(to_the_end.ended);
    BOOST_TEST(to_the_end.text == "\nclosed\n0\r\n\r\n");
}

BOOST_AUTO_TEST_CASE(TL9_TL27_flawed_ends_cut_at_every_byte)
{
    for (const std::string_view end : {"",
                                       "0",
                                       "0\r",
                                       "0\r\n",
                                       "0\r\n\r",
                                       "0\r\n\n",
                                       "0\n\r\n",
                                       "0\n\n",
                                       "0\r\r\n\r\n",
                                       "0\r\n\rX",
                                       "0\r\n\r\r\n",
                                       "0\r\nA: b",
                                       "0\r\nA: b\r\n",
                                       "0\r\nA: b\r\n\r",
                                       "0\r\nA: b\n\r\n\r\n",
                                       "0\r\nA b\r\n\r\n",
                                       "0\r\n: b\r\n\r\n",
                                       "\r\n0\r\n\r\n",
                                       "00\n\r\n\r\n",
                                       "0x\r\n\r\n",
                                       "0;\r\n\r\n",
                                       "0 x\r\n\r\n",
                                       "-0\r\n\r\n",
                                       "g\r\n\r\n"}) {
        check_no_answer(chunked + std::string(end));
        if (end != "\r\n0\r\n\r\n") // here it is the chunk's own line end
            check_no_answer(chunked + "1\r\nx\r\n" + std::string(end));
        check_no_answer(chunked + "1\r\nx" + (end.starts_with('\r') ? "" : std::string(end)));
        check_no_answer(chunked + "1\r\nx\n" + std::string(end));
    }
}

BOOST_AUTO_TEST_CASE(TL9_trailers_do_not_frame_the_message)
{
    // Beast 1.92 passes these on.
    for (const std::string_view field :
         {"Content-Length: 2", "content-length: 0", "Transfer-Encoding: chunked", "Transfer-Encoding: gzip"})
        check_no_answer(chunked + "2\r\nok\r\n0\r\n" + std::string(field) + "\r\n\r\n");
}

BOOST_AUTO_TEST_CASE(TL13_limits_count_however_an_answer_is_cut)
{
    const auto refused = [](const std::string& bytes, std::size_t header_bytes, std::size_t body_bytes,
                            std::string_view name) {
        // In one piece the end is there, too, and tells nothing new.
        const reading by_byte = read_byte_by_byte(bytes, header_bytes, body_bytes);
        BOOST_TEST(!by_byte.is_answer);
        BOOST_TEST(!by_byte.ended, bytes.substr(0, 100));
        BOOST_TEST(by_byte.text == name, bytes.substr(0, 100));
        for (const std::size_t piece : {16u, 500u, 4000u, 8191u, 16384u}) {
            std::vector<std::size_t> cuts;
            for (std::size_t cut = piece; cut < bytes.size(); cut += piece)
                cuts.push_back(cut);
            BOOST_TEST(read_in_pieces(bytes, cuts, header_bytes, body_bytes).text == name,
                       bytes.substr(0, 100));
        }
    };
    const std::string header_too_large = "coauth.client:header_too_large";
    const std::string body_too_large = "coauth.client:body_too_large";
    const auto many = [](std::size_t size) { return std::string(size, 'a'); };
    for (const std::size_t limit : {500u, 9000u}) {
        refused("HTTP/1.1 200 " + many(20'000), limit, 100, header_too_large);
        refused("HTTP/1.1 200 \r\nA: " + many(20'000), limit, 100, header_too_large);
        refused(chunked + "1;" + many(20'000), limit, 100, header_too_large);
        refused(chunked + "1\r\nx\r\n1;a=" + many(20'000), limit, 100, header_too_large);
        refused(chunked + "0;" + many(20'000), limit, 100, header_too_large);
        refused(chunked + "0\r\nA: " + many(20'000), limit, 100, header_too_large);
        std::string trailer = chunked + "0\r\n";
        for (int i = 0; i < 1000; ++i)
            trailer += "A: bcdefghijklmnop\r\n";
        refused(trailer, limit, 100, header_too_large);
    }
    refused(chunked + "65\r\n" + many(101) + "\r\n0\r\n\r\n", 500, 100, body_too_large);
    refused(chunked + "64\r\n" + many(100) + "\r\n1\r\nx\r\n0\r\n\r\n", 500, 100, body_too_large);
    refused("HTTP/1.1 200 \r\nContent-Length: 101\r\n\r\n", 500, 100, body_too_large);

    // Exactly the limit, and the end.
    const reading full = read_byte_by_byte(chunked + "64\r\n" + many(100) + "\r\n0\r\n\r\n", 500, 100);
    BOOST_TEST((full.is_answer && !full.ended), full);
}

BOOST_AUTO_TEST_CASE(TL13_long_and_flawed_lines_of_chunks_are_told_apart)
{
    // A short line with a flaw, and much behind it.
    const std::string flawed = chunked + "1;=\r\n" + std::string(10'000, 'a');
    BOOST_TEST(read_in_pieces(flawed, std::vector<std::size_t>()).text == "coauth.client:malformed_http");
    BOOST_TEST(read_byte_by_byte(flawed).text == "coauth.client:malformed_http");
}

BOOST_AUTO_TEST_SUITE_END()
