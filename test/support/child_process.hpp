// A program that a test runs: it reads what the test writes, and ends with the test.
#ifndef COAUTH_TEST_CHILD_PROCESS_HPP
#define COAUTH_TEST_CHILD_PROCESS_HPP

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

namespace coauth_test {

class child_process {
public:
    /** Starts a program.
        @param environment more variables, as `NAME=value`
        @param error_file gets its standard error; empty: the test's own
        @throws std::system_error
    */
    child_process(const std::vector<std::string>& command, const std::vector<std::string>& environment = {},
                  const std::string& error_file = {});
    child_process(const child_process&) = delete;
    child_process& operator=(const child_process&) = delete;
    /// Ends it, whatever it does.
    ~child_process();

    void write_line(std::string_view line);
    /// A line of its standard output, without the newline. @throws std::runtime_error if none comes in time
    std::string read_line();
    /// What is left of its standard output, after its end.
    std::string read_rest();

    /// Asks it to end, and waits for that. @return its exit code, or -1 if it ended otherwise or not in time
    int terminate();
    /// Waits for its end. @return as terminate()
    int wait();

private:
    bool read_more();

    pid_t id_ = -1;
    int input_ = -1;
    int output_ = -1;
    std::string unread_;
};

} // namespace coauth_test

#endif
