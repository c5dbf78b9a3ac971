"""What the transport does beside speaking HTTP, switched off; see mutants.py."""
from mutants import mutants

off = mutants('https_transport', 'network:going_on')
off('what ends at once is told later', 'if (starting_)', 'if (false)')
off('why a connection broke',
    '    void arrived(const error_code& ec, std::size_t size)\n    {\n        if (is_interrupted())',
    '    void arrived(const error_code& ec, std::size_t size)\n    {\n        if (false)', 'network:timing')
off('requests that may be sent once only', ' && request().repeatable())', ')', 'network:connections')
off('answers that have begun', 'was_kept_ && !reader_->has_begun() && ', 'was_kept_ && ', 'network:connections')
off('what the commit function says', 'if (!commit())', 'if (!commit() && false)', 'network:timing')
off('connections on which something is left', ' && connection_->is_quiet()) {', ') {', 'network:framing')

off = mutants('detail/https/deadline_watch', 'network:going_on')
off('a shorter limit comes first', 'earliest < until_)', 'until_ == time_point::max())')
off('the next limit', '                    arm(first.limit_);\n                    return;',
    '                    return;')
off('nothing to wait for', '        timer_->cancel();', '        static_cast<void>(0);')
off('others still wait', 'if (!watched_.empty() || until_', 'if (until_')
