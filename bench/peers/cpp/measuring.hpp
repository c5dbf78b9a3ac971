// What the measures of the peers in C and C++ share: the job, its clocks, and how the answer is printed.
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

inline long warm_up(const job& wanted) { return (wanted.count + 3) / 4; }

/// Of all threads.
inline double processor_microseconds()
{
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    const auto microseconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
    };
    return microseconds(used.ru_utime) + microseconds(used.ru_stime);
}

inline void repeat(const operation& one, long count)
{
    for (long i = 0; i < count; ++i)
        one();
}

/// Nanoseconds on the clock of one operation.
inline double wall(const job& wanted, const operation& one)
{
    using namespace std::chrono;
    repeat(one, warm_up(wanted));
    const auto began = steady_clock::now();
    repeat(one, wanted.count);
    return duration<double, std::nano>(steady_clock::now() - began).count() /
           static_cast<double>(wanted.count);
}

/// Microseconds of the processors of one operation.
inline double processor(const job& wanted, const operation& one)
{
    repeat(one, warm_up(wanted));
    const double used = processor_microseconds();
    repeat(one, wanted.count);
    return (processor_microseconds() - used) / static_cast<double>(wanted.count);
}

/// The same by threads, as many as there are operations to be in flight.
inline double processor(const job& wanted, const std::vector<operation>& flows)
{
    const auto repeat_at_once = [&flows](long count) {
        std::atomic<long> left = count;
        std::atomic<bool> failed = false;
        std::vector<std::thread> threads;
        for (const operation& one : flows)
            threads.emplace_back([&left, &failed, &one] {
                try {
                    while (left.fetch_sub(1) > 0)
                        one();
                } catch (const std::exception& failure) {
                    std::fprintf(stderr, "%s\n", failure.what());
                    failed = true;
                }
            });
        for (std::thread& thread : threads)
            thread.join();
        if (failed)
            throw std::runtime_error("a thread failed");
    };
    repeat_at_once(warm_up(wanted));
    const double used = processor_microseconds();
    repeat_at_once(wanted.count);
    return (processor_microseconds() - used) / static_cast<double>(wanted.count);
}

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
