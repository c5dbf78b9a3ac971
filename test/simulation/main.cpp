/* Processes that share grants, in virtual time: does anything ever go wrong that must not?

       simulation [--first N] [--count N]     plays the runs of so many seeds
       simulation --seeds FILE                those of a file, a line each
       simulation --seed N [--trace]          one; with all that happens
       simulation --crash                     plain runs, with a crash of a process after each step
       simulation --stop                      the same with a process that waits for stop() and ends
       ... --twice                            each again, which has to go the same way

   A seed determines everything. What fails is printed with its seed. */
#include "stage.hpp"

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace coauth_test::simulation;

struct request {
    std::uint64_t first = 1;
    std::uint64_t count = 1000;
    std::vector<std::uint64_t> seeds{};
    tracing trace = tracing::none;
    bool twice = false;
    std::optional<ending> end{};
};

bool read_number(std::string_view text, std::uint64_t& out)
{
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), out);
    return failure == std::errc() && end == text.data() + text.size();
}

bool read_seeds(const char* path, std::vector<std::uint64_t>& out)
{
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        std::uint64_t seed = 0;
        const std::string_view digits = std::string_view(line).substr(0, line.find_first_of(" #"));
        if (digits.empty())
            continue;
        if (!read_number(digits, seed))
            return false;
        out.push_back(seed);
    }
    return file.eof() && !out.empty();
}

bool read(int argc, char** argv, request& out)
{
    for (int i = 1; i < argc; ++i) {
        const std::string_view option = argv[i];
        if (option == "--trace" || option == "--twice" || option == "--crash" || option == "--stop") {
            out.trace = option == "--trace" ? tracing::printed : out.trace;
            out.twice = out.twice || option == "--twice";
            if (option == "--crash" || option == "--stop")
                out.end = option == "--crash" ? ending::crash : ending::stop;
            continue;
        }
        std::uint64_t seed = 0;
        const char* const value = ++i < argc ? argv[i] : "";
        if (option == "--first" && read_number(value, out.first))
            continue;
        if (option == "--count" && read_number(value, out.count))
            continue;
        if (option == "--seeds" && read_seeds(value, out.seeds))
            continue;
        if (option != "--seed" || !read_number(value, seed))
            return false;
        out.seeds.push_back(seed);
    }
    if (out.seeds.empty())
        for (std::uint64_t i = 0; i < out.count; ++i)
            out.seeds.push_back(out.first + i);
    return true;
}

struct outcome {
    std::string wrong{};
    std::uint64_t steps = 0;
    std::uint64_t digest = 0;
    bool crashed = false;
};

template <class... How>
outcome play(How... how)
{
    outcome out;
    try {
        stage run(how...);
        out.wrong = run.play();
        out.steps = run.steps();
        out.digest = run.digest();
        out.crashed = run.crashed();
    } catch (const std::exception& failure) {
        out.wrong = std::string("exception: ") + failure.what();
    }
    return out;
}

unsigned long long printed(std::uint64_t value) { return value; }

/// Counts runs, and says what went wrong in them.
class tally {
public:
    /// @return false if that is enough
    bool add(const std::string& which, const outcome& found)
    {
        ++runs_;
        steps_ += found.steps;
        if (!found.wrong.empty()) {
            std::printf("%s: %s\n", which.c_str(), found.wrong.c_str());
            ++failures_;
        }
        return failures_ < 10;
    }
    int result() const
    {
        std::printf("%llu runs, %llu steps, %llu failures\n", printed(runs_), printed(steps_),
                    printed(failures_));
        return failures_ == 0 ? 0 : 1;
    }

private:
    std::uint64_t runs_ = 0;
    std::uint64_t steps_ = 0;
    std::uint64_t failures_ = 0;
};

int play_seeds(const request& asked)
{
    tally all;
    for (const std::uint64_t seed : asked.seeds) {
        outcome found = play(seed, asked.trace);
        if (asked.twice && play(seed, tracing::digested).digest != found.digest)
            found.wrong += " [and the second time it goes another way]";
        if (!all.add("seed " + std::to_string(seed), found))
            break;
    }
    const int result = all.result();
    if (result != 0 && asked.trace != tracing::printed)
        std::puts("all that happens in one: simulation --trace --seed N");
    return result;
}

/// After every step, of both processes.
int play_ends(const request& asked)
{
    constexpr std::uint64_t enough = 10'000;
    tally all;
    for (unsigned crashing = 0; crashing < 2; ++crashing) {
        for (std::uint64_t step = 1; step < enough; ++step) {
            const outcome found = play(asked.first, asked.trace, crashing, step, *asked.end);
            if (!all.add("end of p" + std::to_string(crashing) + " after step " + std::to_string(step),
                         found))
                return all.result();
            if (!found.crashed)
                break;
        }
    }
    return all.result();
}

} // namespace

int main(int argc, char** argv)
{
    request asked;
    if (!read(argc, argv, asked)) {
        std::fputs("usage: simulation [--first N] [--count N] [--seed N] [--seeds FILE] [--crash | --stop] "
                   "[--trace] [--twice]\n",
                   stderr);
        return 2;
    }
    if (asked.twice && asked.trace == tracing::none)
        asked.trace = tracing::digested;
    return asked.end ? play_ends(asked) : play_seeds(asked);
}
