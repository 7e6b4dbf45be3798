package dev.lathe.hub;

import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;

/** What the status of an answer means to a user. */
final class Refusals {
    private Refusals() {}

    /**
     * Lets answers with content pass.
     *
     * @param byHub whether the hub itself answers, and not a store that it redirects to
     */
    static void check(ModelName name, HubClient.Answer answer, boolean byHub, HubOptions options) throws IOException {
        int status = answer.status();
        if (status == 200 || status == 206) {
            return;
        }
        String answers = answer.uri().getHost() + " answers " + status;
        switch (status) {
            case 408, 429, 500, 502, 503, 504 ->
                throw new TransientException(
                        answer.uri().getHost() + " answers " + status,
                        answer.header("Retry-After").map(Refusals::duration).orElse(null),
                        null);
            case 401 -> throw new HubException(byHub ? answers + unknown(name, options) : answers + "; try again");
            case 403 -> throw new HubException(byHub ? answers + forbidden(name, options) : answers + "; try again");
            case 404 -> throw new HubException(answers + missing(name, answer));
            default -> throw new HubException(answers + ", which is not expected");
        }
    }

    private static String unknown(ModelName name, HubOptions options) {
        return options.token().isPresent()
                ? ": there is no " + name.repository() + ", or the token may not read it; check both"
                : ": there is no " + name.repository()
                        + ", or only a token may read it; check the name, or set HF_TOKEN to yours";
    }

    private static String forbidden(ModelName name, HubOptions options) {
        String page = options.endpoint() + "/" + name.repository();
        return options.token().isPresent()
                ? ": the token may not read it; accept the terms at " + page + ", or take another token"
                : ": it wants a token; accept the terms at " + page + " and set HF_TOKEN to yours";
    }

    private static String missing(ModelName name, HubClient.Answer answer) {
        return switch (answer.header("X-Error-Code").orElse("")) {
            case "RevisionNotFound" -> ": " + name.repository() + " has no revision " + name.revision();
            case "EntryNotFound" -> ": a file that it lists is not there; try again";
            default -> ": there is no " + name.repository() + " with revision " + name.revision() + "; check the name";
        };
    }

    /** Seconds, or a date; nothing else says how long to wait. */
    private static Duration duration(String retryAfter) {
        try {
            return retryAfter.matches("\\d{1,9}")
                    ? Duration.ofSeconds(Long.parseLong(retryAfter))
                    : notNegative(Duration.between(
                            Instant.now(),
                            ZonedDateTime.parse(retryAfter, DateTimeFormatter.RFC_1123_DATE_TIME)
                                    .toInstant()));
        } catch (DateTimeException _) {
            return null;
        }
    }

    private static Duration notNegative(Duration duration) {
        return duration.isNegative() ? Duration.ZERO : duration;
    }
}
