"""What the transport does beside speaking HTTP, switched off; see mutants.py."""
from mutants import mutants

off = mutants('https_transport', 'network:going_on')
off('what ends at once is told later', 'if (starting_)', 'if (false)')
off('why a connection broke',
    '    void arrived(const error_code& ec, std::size_t size)\n    {\n        if (is_interrupted())',
    '    void arrived(const error_code& ec, std::size_t size)\n    {\n        if (false)', 'network:timing')
off('requests that may be sent once only', '(request().repeatable() || !connection_->has_written())', 'true',
    'network:connections')
off('requests of which nothing was written', '(request().repeatable() || !connection_->has_written())',
    'request().repeatable()', 'network:connections')
off('answers that have begun', 'was_kept_ && !reader_->has_begun() &&', 'was_kept_ &&', 'network:connections')
off('what the commit function says', 'if (!commit())', 'if (!commit() && false)', 'network:timing')
off('connections on which something is left', ' && connection_->is_quiet()) {', ') {', 'network:framing')

off = mutants('detail/https/connection_pool', 'network:connections')
off('how long the server keeps a connection', 'if (server_keeps)', 'if (false)')
off('the margin before the server closes', '*server_keeps - keep_alive_margin', '*server_keeps')
off('how long a connection was idle that takes what cannot be repeated',
    'request.repeatable() || now - (*newest)->idle_since <= short_idle_time', 'true')
off('what can be repeated takes any connection',
    '(request.repeatable() || now - (*newest)->idle_since <= short_idle_time)',
    '(now - (*newest)->idle_since <= short_idle_time)')

off = mutants('detail/https/response_reader', 'unit:detail_response_reader')
off('five bytes end a chunked body', 'parser_->is_before_last_chunk() && left.size() < 5', 'false',
    boosts=range(108100, 108600))
off('two bytes after the last chunk', 'chunked() && !has_last_chunk_', 'chunked()', boosts=range(108700, 10 ** 9))
off('fields of trailers', 'check_trailer_field(name, ec);\n}\n#endif', '}\n#endif', boosts=range(109200, 10 ** 9))
off('long lines of chunks', 'if (is_long_chunk_line(ec, left.substr(taken)))', 'if (false)',
    boosts=range(109100, 10 ** 9))
off('short lines of chunks with a flaw', 'left.substr(0, 4096).find("\\r\\n", 2) == left.npos', 'true')
off('chunk extensions without end', 'if (left.size() - taken > header_bytes_)', 'if (false)')

off('framing and coding of a successful response to CONNECT', 'method_ == request_method::connect && status_ / 100 == 2',
    'false', 'network:proxy')

off = mutants('detail/https/deadline_watch', 'network:going_on')
off('a shorter limit comes first', 'earliest < until_)', 'until_ == time_point::max())')
off('the next limit', '                    arm(first.limit_);\n                    return;',
    '                    return;')
off('nothing to wait for', '        timer_->cancel();', '        static_cast<void>(0);')
off('others still wait', 'if (!watched_.empty() || until_', 'if (until_')

off = mutants('detail/identity_check', 'flow:refresh_kept')
off('pages in the place of keys', 'reason != condition::retryable && reason != errc::signing_key_unknown', 'false')
off('a wrong signature under an old key',
    '(previous_ && verified.error() == errc::signature_invalid && attempts_ == 0)', 'false')
off('another time of authentication', 'previous_ && verified.error() == errc::authentication_changed', 'false')
off('tokens of another person', 'reason == errc::subject_mismatch', 'false')

off = mutants('detail/grant_operation', 'flow:refresh_unknown')
off('gateways that answer for the server', 'return status >= 500 && reason', 'return false && reason')
off('503 with a time to come again', '!(status == 503 && reason.retry_after())', 'true')

off = mutants('detail/grant_operation', 'flow:refresh_kept')
off('the next refresh token', 'self->note_next(kept.refresh_token());', '')
off('which access token is revoked', 'self->context_->trace->access_token_of_somebody_else = kept.access_token();',
    'self->context_->trace->access_token_of_somebody_else = secret("x");')
off('the refresh token that stays', 'if (refresh_token.empty())\n            refresh_token =',
    'if (false)\n            refresh_token =')

off = mutants('detail/grant_operation', 'flow:ownership')
off('a request does not own the exchange', '[weak = weak_from_this()] {\n                const auto self = weak.lock();',
    '[self = shared_from_this()] {')
