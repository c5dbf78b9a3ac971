#include <coauth.hpp>

coauth::server_metadata example_server();

coauth::server_metadata example_server()
{
    return {coauth::endpoint_url::parse("https://as.example/authorize").value(),
            coauth::endpoint_url::parse("https://as.example/token").value()};
}
