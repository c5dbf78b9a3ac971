#include <coauth.hpp>
#include <coauth/refresh_scheduler.hpp>
#include <coauth/refresh_scheduler_implementation.hpp>

coauth::server_metadata example_server();
coauth::refresh_scheduler scheduler_of(const boost::asio::any_io_executor& executor,
                                       const coauth::client& client);

coauth::server_metadata example_server()
{
    return {coauth::endpoint_url::parse("https://as.example/authorize").value(),
            coauth::endpoint_url::parse("https://as.example/token").value()};
}

coauth::refresh_scheduler scheduler_of(const boost::asio::any_io_executor& executor,
                                       const coauth::client& client)
{
    return coauth::refresh_scheduler(executor, client);
}
