package dev.lathe.serve;

import dev.lathe.measure.EnergyMeter;
import dev.lathe.model.CacheType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * What an engine holds and how it schedules. Immutable; each method named after a component returns changed options.
 *
 * @param texts the most texts generated at once; others wait in the queue
 * @param queueCapacity the most requests that wait; more are refused
 * @param contextLength the most tokens of a text, prompt and answer together; 0 for the model's own context length
 * @param cacheType how keys and values are stored
 * @param longestPass how long a pass may take because of a prompt, while other texts wait for their next token: prompts
 *     are cut into chunks by it, of 4 rows at least; empty for 2.5 times what a pass of the others takes,
 *     40 ms at least
 * @param idleTexts the most texts that are kept after their answers, for prompts that begin as they do
 * @param headStart what a level of priority is worth: a request is treated as one that came so much earlier
 * @param energyMeter what tells the energy of passes, which is shared among the texts by their rows; empty to tell none
 * @param cacheBytes the most bytes of keys and values that texts hold in memory, those of draft models not counted; 0
 *     for no limit
 * @param sleepFolder where texts sleep that there is no memory for; empty for the folder of temporary files
 */
public record EngineOptions(
        int texts,
        int queueCapacity,
        int contextLength,
        CacheType cacheType,
        Optional<Duration> longestPass,
        int idleTexts,
        Duration headStart,
        Optional<EnergyMeter> energyMeter,
        long cacheBytes,
        Optional<Path> sleepFolder) {
    /**
     * 16 texts at once, 1024 waiting, exact keys and values, prompts that take half of a pass, 16 idle texts, 10
     * seconds a level.
     */
    public static final EngineOptions DEFAULT = new EngineOptions(
            16,
            1024,
            0,
            CacheType.F32,
            Optional.empty(),
            16,
            Duration.ofSeconds(10),
            Optional.empty(),
            0,
            Optional.empty());

    /** Checks each component. */
    public EngineOptions {
        Objects.requireNonNull(cacheType, "cacheType");
        require(texts >= 1, "texts", texts, "at least 1");
        require(queueCapacity >= 0, "queueCapacity", queueCapacity, "at least 0");
        require(contextLength >= 0, "contextLength", contextLength, "at least 1, or 0 for the model's own");
        require(
                longestPass.map(Duration::isPositive).orElse(true),
                "longestPass",
                longestPass.orElse(null),
                "a positive duration");
        require(idleTexts >= 0, "idleTexts", idleTexts, "at least 0");
        require(cacheBytes >= 0, "cacheBytes", cacheBytes, "at least 1, or 0 for no limit");
        require(
                sleepFolder.map(Files::isDirectory).orElse(true),
                "sleepFolder",
                sleepFolder.orElse(null),
                "a folder that is there");
        require(!headStart.isNegative(), "headStart", headStart, "a duration that is not negative");
    }

    /** With so many texts at once. */
    public EngineOptions texts(int value) {
        Copy copy = new Copy(this);
        copy.texts = value;
        return copy.options();
    }

    /** With room for so many waiting requests. */
    public EngineOptions queueCapacity(int value) {
        Copy copy = new Copy(this);
        copy.queueCapacity = value;
        return copy.options();
    }

    /** With texts of so many tokens. */
    public EngineOptions contextLength(int value) {
        Copy copy = new Copy(this);
        copy.contextLength = value;
        return copy.options();
    }

    /** With keys and values stored this way. */
    public EngineOptions cacheType(CacheType value) {
        Copy copy = new Copy(this);
        copy.cacheType = value;
        return copy.options();
    }

    /** With passes that prompts make this long at most, however long those of the others are alone. */
    public EngineOptions longestPass(Duration value) {
        Copy copy = new Copy(this);
        copy.longestPass = Optional.of(value);
        return copy.options();
    }

    /** With so many texts kept after their answers. */
    public EngineOptions idleTexts(int value) {
        Copy copy = new Copy(this);
        copy.idleTexts = value;
        return copy.options();
    }

    /** With so much of a head start for each level of priority. */
    public EngineOptions headStart(Duration value) {
        Copy copy = new Copy(this);
        copy.headStart = value;
        return copy.options();
    }

    /**
     * With the energy of passes told by this meter, such as {@link EnergyMeter#ofMachine()}: requests and tenants can
     * be limited in joules.
     */
    public EngineOptions energyMeter(EnergyMeter value) {
        Copy copy = new Copy(this);
        copy.energyMeter = Optional.of(value);
        return copy.options();
    }

    /**
     * With so many bytes of keys and values in memory, but for what one pass adds: where texts would hold more, the
     * youngest sleeps, its keys and values in a file, until there is room for it again.
     */
    public EngineOptions cacheBytes(long value) {
        Copy copy = new Copy(this);
        copy.cacheBytes = value;
        return copy.options();
    }

    /** With the files of texts that sleep in this folder. */
    public EngineOptions sleepFolder(Path value) {
        Copy copy = new Copy(this);
        copy.sleepFolder = Optional.of(value);
        return copy.options();
    }

    /** The components, of which some are then changed. */
    private static final class Copy {
        private int texts;
        private int queueCapacity;
        private int contextLength;
        private CacheType cacheType;
        private Optional<Duration> longestPass;
        private int idleTexts;
        private Duration headStart;
        private Optional<EnergyMeter> energyMeter;
        private long cacheBytes;
        private Optional<Path> sleepFolder;

        Copy(EngineOptions from) {
            texts = from.texts;
            queueCapacity = from.queueCapacity;
            contextLength = from.contextLength;
            cacheType = from.cacheType;
            longestPass = from.longestPass;
            idleTexts = from.idleTexts;
            headStart = from.headStart;
            energyMeter = from.energyMeter;
            cacheBytes = from.cacheBytes;
            sleepFolder = from.sleepFolder;
        }

        EngineOptions options() {
            return new EngineOptions(
                    texts,
                    queueCapacity,
                    contextLength,
                    cacheType,
                    longestPass,
                    idleTexts,
                    headStart,
                    energyMeter,
                    cacheBytes,
                    sleepFolder);
        }
    }

    private static void require(boolean holds, String name, Object got, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(name + " is " + got + ": expected " + expected);
        }
    }
}
