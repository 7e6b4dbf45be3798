package dev.lathe.tensor.kernel.choice;

import dev.lathe.tensor.kernel.Kernels;
import dev.lathe.tensor.kernel.machine.MachineKernels;
import dev.lathe.tensor.kernel.machine.Processor;
import dev.lathe.tensor.kernel.machine.Target;
import dev.lathe.tensor.kernel.scalar.ScalarKernels;
import dev.lathe.tensor.kernel.vector.VectorKernels;
import java.lang.System.Logger.Level;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Chooses the kernels once: machine code where the user granted native access, else the Vector API, else plain Java. Each reason to
 * fall back is a branch with its own cure. The system property {@value #PROPERTY} demands a set.
 */
public final class KernelChoice {
    static final String PROPERTY = "lathe.kernels";

    /** What runs, and why nothing better does. */
    record Choice(Kernels kernels, String reason) {
        private Choice but(String obstacle) {
            return new Choice(kernels, reason + "; " + obstacle);
        }
    }

    /** Loaded when it is needed: beside machine code the Vector API stays unloaded until something asks for it. */
    private static final class PureJava {
        static final Choice CHOICE = pureJava(System.getProperty("java.vm.info", ""));
    }

    /** Loaded when somebody asks; what could not be chosen is refused again each time. */
    private static final class InUse {
        static final Choice CHOICE;
        static final String REFUSAL;

        static {
            Choice choice = null;
            String refusal = null;
            try {
                choice = choose(System.getProperty(PROPERTY));
            } catch (IllegalStateException e) {
                refusal = e.getMessage();
            }
            CHOICE = choice;
            REFUSAL = refusal;
        }
    }

    private static final String NATIVE_ACCESS =
            "start java with --enable-native-access=ALL-UNNAMED, or =dev.lathe on the"
                    + " module path, for machine code";
    private static final String VECTOR_MODULE = "start java with --add-modules jdk.incubator.vector";

    private KernelChoice() {}

    /** Plain Java kernels: the reference, and the fallback where the Vector API is absent. */
    public static Kernels scalar() {
        return ScalarKernels.INSTANCE;
    }

    /**
     * The set that the property demands, else the fastest that this virtual machine can run; chosen once.
     *
     * @throws IllegalStateException if the demanded set does not run here; the message says the cure
     */
    public static Kernels best() {
        return inUse().kernels();
    }

    /** Why {@link #best()} is this one: what the machine has, or what is missing and how to get it. */
    public static String reason() {
        return inUse().reason();
    }

    private static Choice inUse() {
        if (InUse.REFUSAL != null) {
            throw new IllegalStateException(InUse.REFUSAL);
        }
        return InUse.CHOICE;
    }

    /**
     * The set of a name; the best one for none.
     *
     * @throws IllegalStateException if the machine or the virtual machine has not that set; the message says the cure
     */
    static Choice choose(String name) {
        if (name == null || name.isEmpty()) {
            return fastest();
        }
        String reason = "demanded by -D" + PROPERTY + "=" + name;
        return switch (name) {
            case "scalar" -> new Choice(ScalarKernels.INSTANCE, reason);
            case "vector" -> {
                if (!hasVectorModule()) {
                    throw refused(name, "the Vector API is not available; " + VECTOR_MODULE);
                }
                yield new Choice(new VectorKernels(), reason);
            }
            default -> new Choice(demanded(name), reason);
        };
    }

    private static Kernels demanded(String name) {
        Set<Target> targets = Processor.targets();
        for (Target target : Target.values()) {
            if (target.label().equals(name)) {
                if (targets.isEmpty()) {
                    throw refused(name, Processor.obstacle() + "; take vector or scalar");
                }
                if (!targets.contains(target)) {
                    String others = targets.stream().map(Target::label).collect(Collectors.joining(", "));
                    throw refused(name, "this processor has not what they need; take " + others + ", vector or scalar");
                }
                if (!KernelChoice.class.getModule().isNativeAccessEnabled()) {
                    throw refused(name, NATIVE_ACCESS);
                }
                try {
                    return new MachineKernels(target, () -> PureJava.CHOICE.kernels());
                } catch (UnsupportedOperationException e) {
                    throw refused(name, e.getMessage() + "; take vector or scalar");
                }
            }
        }
        throw refused(
                name, "there are scalar, vector, avx2, avx-vnni and avx512, one of which -D" + PROPERTY + " can name");
    }

    private static IllegalStateException refused(String name, String cure) {
        return new IllegalStateException("the kernels " + name + " do not run here: " + cure);
    }

    private static Choice fastest() {
        Optional<Target> target = Processor.targets().stream().max(Comparator.naturalOrder());
        if (target.isEmpty()) {
            return PureJava.CHOICE.but(Processor.obstacle());
        }
        if (!KernelChoice.class.getModule().isNativeAccessEnabled()) {
            log(Level.INFO, NATIVE_ACCESS + ", which is faster; results are the same");
            return PureJava.CHOICE.but(NATIVE_ACCESS);
        }
        try {
            return new Choice(
                    new MachineKernels(target.get(), () -> PureJava.CHOICE.kernels()),
                    "native access is enabled, and the processor has "
                            + target.get().label());
        } catch (UnsupportedOperationException e) {
            log(Level.WARNING, "no machine code: " + e.getMessage() + "; results are the same, but slower");
            return PureJava.CHOICE.but(e.getMessage());
        }
    }

    /** {@code compiler} as the virtual machine describes itself. */
    static Choice pureJava(String compiler) {
        if (!hasVectorModule()) {
            log(
                    Level.WARNING,
                    "the Vector API is not available: results are right, but many times slower; " + VECTOR_MODULE);
            return new Choice(ScalarKernels.INSTANCE, "the Vector API is not available; " + VECTOR_MODULE);
        }
        if (compiler.contains("interpreted") || compiler.contains("emulated-client")) {
            String reason = "this virtual machine runs without the compiler that the Vector API needs";
            log(Level.WARNING, reason + ": results are right, but slower; leave out -Xint and -XX:TieredStopAtLevel");
            return new Choice(ScalarKernels.INSTANCE, reason);
        }
        VectorKernels kernels = new VectorKernels();
        if (VectorKernels.BITS < 128) {
            String reason = "this virtual machine has vectors of " + VectorKernels.BITS + " bits";
            log(Level.WARNING, reason + ": results are right, but many times slower; run on x86-64 or AArch64 with C2");
            return new Choice(ScalarKernels.INSTANCE, reason);
        }
        return new Choice(kernels, "the Vector API is available");
    }

    private static boolean hasVectorModule() {
        return KernelChoice.class.getModule().getLayer() != null
                || ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
    }

    private static void log(Level level, String message) {
        System.getLogger("dev.lathe").log(level, message);
    }
}
