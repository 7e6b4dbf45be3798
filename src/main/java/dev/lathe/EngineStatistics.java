package dev.lathe;

import dev.lathe.decode.PrefixStatistics;
import dev.lathe.serve.CacheStatistics;
import dev.lathe.serve.PassStatistics;
import java.time.Duration;

/**
 * What an engine did so far, and what is under way.
 *
 * @param waiting requests in the queue now
 * @param running requests that are generated now
 * @param refused requests that the queue had no room for, or their tenant
 * @param completed answers that came to an end of their own, or to a limit of tokens
 * @param cancelled answers that were cancelled, in the queue or later
 * @param expired answers whose time was over, in the queue or later
 * @param guarded of the completed ones, those that a guard or a limit of energy ended
 * @param unusual of all that ended, those that look as if they were made to go on
 * @param failed requests that ended with an exception
 * @param waited time that requests spent in the queue, added up
 * @param idleTexts texts that wait for a prompt that begins as they do
 * @param idlePositions positions that they hold
 * @param reusedTexts how often a prompt began as a text that waited
 * @param prefixes the model's prefix tree: prompts that began as a text that is gone, with all sessions' of the model
 * @param passes the passes of the model
 * @param cache keys and values in memory, and texts that sleep
 */
public record EngineStatistics(
        int waiting,
        int running,
        long refused,
        long completed,
        long cancelled,
        long expired,
        long guarded,
        long unusual,
        long failed,
        Duration waited,
        int idleTexts,
        long idlePositions,
        long reusedTexts,
        PrefixStatistics prefixes,
        PassStatistics passes,
        CacheStatistics cache) {
    /** Requests that have ended, whatever the end. */
    public long ended() {
        return completed + cancelled + expired + failed;
    }
}
