package dev.lathe.tensor.kernel.machine;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Ints that are operands in all lanes of a vector: some kept in registers, the others read from memory. */
final class Constants {
    private final Assembler code;
    private final Map<Integer, Integer> uses = new TreeMap<>(); // in the code written so far
    private final Map<Integer, Integer> registers = new HashMap<>();

    Constants(Assembler code) {
        this.code = code;
    }

    /** Writes code that loads as many as fit into registers {@code [from, to)}, where they have to stay. */
    void keep(List<Integer> wanted, int from, int to) {
        for (int i = 0; i < Math.min(wanted.size(), to - from); i++) {
            code.load(from + i, code.constant(wanted.get(i)));
            registers.put(wanted.get(i), from + i);
        }
    }

    /** All that code was written for, the one with most uses first. */
    List<Integer> mostUsed() {
        return uses.entrySet().stream()
                .sorted(Map.Entry.<Integer, Integer>comparingByValue().reversed())
                .map(Map.Entry::getKey)
                .toList();
    }

    /** The register that keeps a constant, or -1. */
    int register(int constant) {
        return registers.getOrDefault(constant, -1);
    }

    /** An instruction whose last source is a constant. */
    void vector(VectorInstruction i, int to, int from, int constant) {
        uses.merge(constant, 1, Integer::sum);
        if (register(constant) < 0) {
            code.vector(i, to, from, code.constant(constant));
        } else {
            code.vector(i, to, from, register(constant));
        }
    }

    /** The same with an immediate byte. */
    void vector(VectorInstruction i, int to, int from, int constant, int immediate) {
        uses.merge(constant, 1, Integer::sum);
        if (register(constant) < 0) {
            code.vector(i, to, from, code.constant(constant), immediate);
        } else {
            code.vector(i, to, from, register(constant), immediate);
        }
    }
}
