package dev.lathe;

import dev.lathe.serve.PassStatistics;
import java.time.Duration;

/**
 * What an engine did so far, and what is under way.
 *
 * @param waiting requests in the queue now
 * @param running requests that are generated now
 * @param refused requests that the queue had no room for
 * @param completed answers that came to an end of their own, or to a limit of tokens
 * @param cancelled answers that were cancelled, in the queue or later
 * @param expired answers whose time was over, in the queue or later
 * @param failed requests that ended with an exception
 * @param waited time that requests spent in the queue, added up
 * @param idleTexts texts that wait for a prompt that begins as they do
 * @param idlePositions positions that they hold
 * @param reusedTexts how often a prompt began as a text that waited
 * @param passes the passes of the model
 */
public record EngineStatistics(
        int waiting,
        int running,
        long refused,
        long completed,
        long cancelled,
        long expired,
        long failed,
        Duration waited,
        int idleTexts,
        long idlePositions,
        long reusedTexts,
        PassStatistics passes) {
    /** Requests that have ended, whatever the end. */
    public long ended() {
        return completed + cancelled + expired + failed;
    }
}
