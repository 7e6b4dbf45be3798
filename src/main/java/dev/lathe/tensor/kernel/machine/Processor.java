package dev.lathe.tensor.kernel.machine;

import java.io.BufferedReader;
import java.io.FileReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What the processor can do, as far as kernels ask. */
public final class Processor {
    private static final Path DESCRIPTION = Path.of("/proc/cpuinfo");
    private static final List<String> NARROW = List.of("avx2", "fma", "f16c");
    private static final List<String> WIDE = List.of("avx512f", "avx512bw", "avx512vl", "avx512_vnni");

    private Processor() {}

    /**
     * The kinds that this machine is: empty where there is no code for it (it is no Linux on x86-64), or where its processor is too
     * old. The best comes last.
     */
    public static Set<Target> targets() {
        if (!isSupported(System.getProperty("os.name"), System.getProperty("os.arch"))
                || !Files.isReadable(DESCRIPTION)) {
            return EnumSet.noneOf(Target.class);
        }
        // An interrupt of the thread that asks first must not end this, as it would with a channel.
        try (BufferedReader reader = new BufferedReader(new FileReader(DESCRIPTION.toFile(), StandardCharsets.UTF_8))) {
            return targets(reader.lines()
                    .filter(line -> line.startsWith("flags"))
                    .findFirst()
                    .map(line -> Arrays.asList(line.split("\\s+")))
                    .orElse(List.of()));
        } catch (IOException | UncheckedIOException e) {
            throw new IllegalStateException(DESCRIPTION + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Why {@link #targets} has none. */
    public static String obstacle() {
        return obstacle(System.getProperty("os.name"), System.getProperty("os.arch"), Files.isReadable(DESCRIPTION));
    }

    static String obstacle(String system, String architecture, boolean isDescribed) {
        if (!isSupported(system, architecture)) {
            return "machine code is for Linux on x86-64, and this is " + system + " on " + architecture;
        }
        return isDescribed
                ? "machine code is for processors with " + String.join(", ", NARROW) + ", which this one has not all of"
                : DESCRIPTION + ", which says what the processor has, cannot be read";
    }

    private static boolean isSupported(String system, String architecture) {
        return "Linux".equals(system) && "amd64".equals(architecture);
    }

    static Set<Target> targets(Collection<String> flags) {
        Set<String> known = new HashSet<>(flags);
        Set<Target> targets = EnumSet.noneOf(Target.class);
        if (known.containsAll(NARROW)) {
            targets.add(Target.AVX2);
            if (known.contains("avx_vnni")) {
                targets.add(Target.AVX_VNNI);
            }
            if (known.containsAll(WIDE)) {
                targets.add(Target.AVX512_VNNI);
            }
        }
        return targets;
    }
}
