// An answer of a server is the same however it is cut into pieces on its way.
#ifndef COAUTH_TEST_CUT_ANSWERS_HPP
#define COAUTH_TEST_CUT_ANSWERS_HPP

#include <coauth/detail/https/response_reader.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace coauth_test {

/// How an answer is read, so that two readings can be compared.
struct reading {
    bool is_answer = false;
    bool ended = false;       ///< only the end of the connection made it an answer, or none
    std::size_t consumed = 0; ///< of an answer: what is left is surplus
    unsigned http_status = 0;
    std::string text; ///< fields, body, and whether the connection stays open; of a failure the error's name

    friend bool operator==(const reading&, const reading&) = default;
    friend std::ostream& operator<<(std::ostream& out, const reading& value)
    {
        return out << (value.is_answer ? "answer " : "failure ") << value.http_status << " of "
                   << value.consumed << " bytes" << (value.ended ? " at the end: " : ": ")
                   << value.text.substr(0, 200);
    }
};

/** Reads pieces as a connection does: bytes that are not consumed stay in front of the next piece.

    @param cuts where the pieces end, ascending
*/
template <class Cuts>
reading read_in_pieces(std::string_view bytes, const Cuts& cuts, std::size_t header_bytes = 32 * 1024,
                       std::size_t body_bytes = 1024 * 1024)
{
    using status = coauth::detail::response_reader::status;
    coauth::detail::response_reader reader(header_bytes, body_bytes);
    status state = status::needs_more;
    reading out;
    std::size_t begin = 0;
    const auto read_to = [&](std::size_t end) {
        if (state != status::needs_more || begin == end)
            return;
        std::size_t consumed = 0;
        // In a block of its own size, so that a sanitizer sees a reading beyond its end.
        const std::string exact(bytes.substr(begin, end - begin));
        state = reader.read(exact, consumed);
        begin += consumed;
    };
    for (const std::size_t end : cuts)
        read_to(end);
    read_to(bytes.size());
    out.ended = state == status::needs_more;
    if (out.ended)
        state = reader.read_end();
    out.is_answer = state == status::done;
    if (!out.is_answer) {
        out.text = reader.failure().qualified_name();
        return out;
    }
    out.consumed = begin;
    const bool stays_open = reader.may_stay_open();
    const coauth::http_response answer = reader.take_response();
    out.http_status = answer.status();
    for (const auto& field : answer.fields())
        out.text += field.name + ": " + field.value + '\n';
    out.text += stays_open ? "\nkept\n" : "\nclosed\n";
    out.text += answer.body().expose();
    return out;
}

/** The same, up to the moment and the words of a refusal.

    Beast 1.81 to 1.86 looks at a trailer only as a whole. So a flaw in a trailer without an end is seen at the end of
    the connection only, as is every flaw in a line that is not complete.
*/
inline bool is_same(const reading& left, const reading& right)
{
    return left == right || (!left.is_answer && !right.is_answer);
}

/** Checks that the answer is the same cut at every byte, cut into single bytes, and, if it is short, cut at every pair
    of bytes.

    Of a long answer, whose middle repeats itself, only bytes near its two ends are cut apart.
    @return the answer in one piece
*/
inline reading check_every_cut(std::string_view bytes, std::size_t bytes_for_pairs = 64)
{
    static constexpr std::size_t short_answer = 1024;
    static constexpr std::size_t end_of_long_answer = 16;
    const reading whole = read_in_pieces(bytes, std::initializer_list<std::size_t>());
    const auto check = [&](const reading& cut, std::size_t first, std::size_t second) {
        if (!is_same(cut, whole)) // not a check each, of which there are very many
            BOOST_ERROR("cut at " << first << " and " << second << ": " << cut << "\nin one piece: " << whole
                                  << "\nof: " << bytes.substr(0, 200));
    };
    std::vector<std::size_t> cuts;
    for (std::size_t cut = 1; cut < bytes.size(); ++cut)
        if (bytes.size() <= short_answer || cut < end_of_long_answer ||
            bytes.size() - cut < end_of_long_answer)
            cuts.push_back(cut);
    for (const std::size_t cut : cuts)
        check(read_in_pieces(bytes, std::initializer_list<std::size_t>{cut}), cut, cut);
    check(read_in_pieces(bytes, cuts), 0, 0);
    if (bytes.size() <= bytes_for_pairs)
        for (std::size_t first = 1; first < bytes.size(); ++first)
            for (std::size_t second = first + 1; second < bytes.size(); ++second)
                check(read_in_pieces(bytes, std::initializer_list<std::size_t>{first, second}), first,
                      second);
    return whole;
}

} // namespace coauth_test

#endif
