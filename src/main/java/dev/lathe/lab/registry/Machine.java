package dev.lathe.lab.registry;

import dev.lathe.text.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What a machine is, as far as speed depends on it.
 *
 * @param processor its name as the system tells it; the architecture where it does not
 * @param processors how many this process may use
 * @param system name of the operating system
 * @param java version of the virtual machine
 */
public record Machine(String processor, int processors, String system, String java) {
    /** The machine at hand. */
    public static Machine current() {
        return new Machine(
                processorName(),
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("os.name") + " " + System.getProperty("os.arch"),
                Runtime.version().toString());
    }

    /** One that was written as JSON. */
    public static Machine of(JsonObject json) {
        return new Machine(
                json.text("processor"),
                Math.toIntExact(json.longValue("processors")),
                json.text("system"),
                json.text("java"));
    }

    private static String processorName() {
        Path file = Path.of("/proc/cpuinfo");
        if (Files.isReadable(file)) {
            try (Stream<String> lines = Files.lines(file)) {
                return lines.filter(line -> line.startsWith("model name"))
                        .map(line -> line.substring(line.indexOf(':') + 1).strip())
                        .findFirst()
                        .orElse(System.getProperty("os.arch"));
            } catch (IOException unreadable) {
                return System.getProperty("os.arch");
            }
        }
        return System.getProperty("os.arch");
    }

    /** One line that is the same on equal machines. */
    public String fingerprint() {
        return processor + ", " + processors + " processors, " + system + ", Java " + java;
    }
}
