#include "refreshing.hpp"

#include <coauth/impl/detail/basic_refresh_scheduler.ipp>

template class coauth::detail::basic_refresh_scheduler<coauth_test::manual_steady_clock,
                                                       coauth_test::manual_timer>;
