// Floor 5. For tests.
#ifndef COAUTH_TESTING_DETAIL_WIRE_HPP
#define COAUTH_TESTING_DETAIL_WIRE_HPP

#include <coauth/testing/server_exchange.hpp>

#include <chrono>
#include <string>

namespace coauth::inline COAUTH_MODE::testing::detail {

enum class body_sent { yes, no_as_for_head };
enum class connection_after { kept, closed };

/// The bytes of an answer: HTTP/1.1, or what it has as raw.
COAUTH_DECL std::string to_wire(const server_answer& answer, body_sent body, connection_after after,
                                std::chrono::system_clock::time_point now);

} // namespace coauth::inline COAUTH_MODE::testing::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/testing/detail/wire.ipp>
#endif

#endif
