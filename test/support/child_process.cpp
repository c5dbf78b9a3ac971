#include "child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

namespace coauth_test {
namespace {

constexpr std::chrono::seconds patience{120};

std::vector<char*> pointers_to(std::vector<std::string>& texts)
{
    std::vector<char*> out;
    for (std::string& text : texts)
        out.push_back(text.data());
    out.push_back(nullptr);
    return out;
}

void check(bool done, const char* what)
{
    if (!done)
        throw std::system_error(errno, std::generic_category(), what);
}

} // namespace

child_process::child_process(const std::vector<std::string>& command,
                             const std::vector<std::string>& environment, const std::string& error_file)
{
    std::vector<std::string> arguments = command;
    std::vector<std::string> variables = environment;
    for (char** each = environ; *each; ++each)
        variables.emplace_back(*each);
    const std::vector<char*> argument_pointers = pointers_to(arguments);
    const std::vector<char*> variable_pointers = pointers_to(variables);

    int to_child[2];
    int from_child[2];
    int errors = STDERR_FILENO;
    if (!error_file.empty())
        errors = open(error_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    check(errors >= 0, "opening a file for errors");
    check(pipe2(to_child, O_CLOEXEC) == 0, "pipe");
    check(pipe2(from_child, O_CLOEXEC) == 0, "pipe");
    id_ = fork();
    if (id_ == 0) {
        // Not even a crash of the test leaves it running.
#ifdef __linux__
        prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
        signal(SIGPIPE, SIG_DFL); // as a shell would start it
        dup2(to_child[0], STDIN_FILENO);
        dup2(from_child[1], STDOUT_FILENO);
        dup2(errors, STDERR_FILENO);
        execve(argument_pointers[0], argument_pointers.data(), variable_pointers.data());
        _exit(127);
    }
    check(id_ > 0, "fork");
    close(to_child[0]);
    close(from_child[1]);
    if (errors != STDERR_FILENO)
        close(errors);
    input_ = to_child[1];
    output_ = from_child[0];
}

child_process::~child_process()
{
    if (id_ > 0) {
        kill(id_, SIGKILL);
        waitpid(id_, nullptr, 0);
    }
    close(input_);
    close(output_);
}

void child_process::write_line(std::string_view line)
{
    // A program that ended is an error of this call, not the end of the test.
    signal(SIGPIPE, SIG_IGN);
    std::string text(line);
    text += '\n';
    for (std::size_t written = 0; written < text.size();) {
        const ssize_t n = write(input_, text.data() + written, text.size() - written);
        check(n > 0, "writing to a program");
        written += static_cast<std::size_t>(n);
    }
}

bool child_process::read_more()
{
    pollfd readable{output_, POLLIN, 0};
    if (poll(&readable, 1, static_cast<int>(std::chrono::milliseconds(patience).count())) != 1)
        throw std::runtime_error("a program says nothing");
    char buffer[4096];
    const ssize_t n = read(output_, buffer, sizeof buffer);
    if (n <= 0)
        return false;
    unread_.append(buffer, static_cast<std::size_t>(n));
    return true;
}

std::string child_process::read_line()
{
    std::size_t end;
    while ((end = unread_.find('\n')) == std::string::npos) {
        if (!read_more())
            throw std::runtime_error("a program ended without saying what was waited for");
    }
    std::string out = unread_.substr(0, end);
    unread_.erase(0, end + 1);
    return out;
}

std::string child_process::read_rest()
{
    while (read_more()) {
    }
    return std::exchange(unread_, {});
}

int child_process::terminate()
{
    kill(id_, SIGTERM);
    return wait();
}

int child_process::wait()
{
    const auto last = std::chrono::steady_clock::now() + patience;
    int status = 0;
    while (waitpid(id_, &status, WNOHANG) == 0) {
        if (std::chrono::steady_clock::now() > last)
            return -1;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    id_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

} // namespace coauth_test
