// What the measures of the peers in C and C++ share: the job, the clock, and how the answer is printed.
#pragma once

#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace peers {

/// What the command line asks for: MEASURE URL CA_FILE COUNT.
struct job {
    std::string measure;
    std::string issuer;
    std::string authorities;
    long count = 0;
};

struct result {
    double value;
    const char* unit;
};

using operation = std::function<void()>;
using measures = std::map<std::string, std::function<result(const job&)>>;

/// The processors' time, of all threads.
inline double processor_microseconds()
{
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    const auto microseconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
    };
    return microseconds(used.ru_utime) + microseconds(used.ru_stime);
}

/// Repeats operations, each in a thread of its own if there are several; as often as is wanted in all, but no longer than
/// a few seconds. Returns how often.
inline long repeat(const std::vector<operation>& flows, long count)
{
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(3);
    std::atomic<long> left = count;
    std::atomic<long> done = 0;
    std::atomic<bool> failed = false;
    const auto flow = [&](const operation& one) {
        try {
            for (long i = 0; left.fetch_sub(1) > 0; ++i) {
                one();
                ++done;
                if (i % 16 == 0 && std::chrono::steady_clock::now() > end)
                    break;
            }
        } catch (const std::exception& failure) {
            std::fprintf(stderr, "%s\n", failure.what());
            failed = true;
        }
    };
    std::vector<std::thread> threads;
    for (std::size_t i = 1; i < flows.size(); ++i)
        threads.emplace_back(flow, flows[i]);
    flow(flows.front());
    for (std::thread& thread : threads)
        thread.join();
    if (failed)
        throw std::runtime_error("an operation failed");
    return done;
}

/// Microseconds of one operation.
inline double cost(const job& wanted, const std::vector<operation>& flows)
{
    repeat(flows, (wanted.count + 3) / 4);
    const double used = processor_microseconds();
    const long done = repeat(flows, wanted.count);
    return (processor_microseconds() - used) / static_cast<double>(done);
}

inline double cost(const job& wanted, const operation& one) { return cost(wanted, std::vector{one}); }

inline int report(int argument_count, char** arguments, const measures& all)
{
    if (argument_count != 5) {
        std::fprintf(stderr, "usage: %s MEASURE URL CA_FILE COUNT\n", arguments[0]);
        return 2;
    }
    const job wanted{arguments[1], arguments[2], arguments[3], std::atol(arguments[4])};
    const auto found = all.find(wanted.measure);
    if (found == all.end()) {
        std::fprintf(stderr, "no %s here\n", arguments[1]);
        return 77;
    }
    try {
        const result measured = found->second(wanted);
        std::printf("{\"value\": %.9g, \"unit\": \"%s\"}\n", measured.value, measured.unit);
        return 0;
    } catch (const std::exception& failure) {
        std::fprintf(stderr, "%s\n", failure.what());
        return 1;
    }
}

} // namespace peers
