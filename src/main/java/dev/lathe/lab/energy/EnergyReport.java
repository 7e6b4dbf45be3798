package dev.lathe.lab.energy;

import dev.lathe.figures.Table;
import dev.lathe.lab.benchmark.Stage;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Energy of work by phases, in all and without what the machine uses when idle. Immutable.
 *
 * @param phases what was measured; tokens of a phase may be 0
 * @param source whether joules were measured or modelled
 * @param idleWatts power of the machine when nothing runs, which the active energy leaves out; 0 to leave out nothing
 */
public record EnergyReport(List<Phase> phases, EnergySource source, double idleWatts) {
    /**
     * A part of the work.
     *
     * @param name such as {@code prompt}
     * @param tokens tokens it evaluated or made
     * @param seconds how long it took
     * @param joules energy in all
     */
    public record Phase(String name, long tokens, double seconds, double joules) {
        /** A stage of a profile as a phase. */
        public static Phase of(Stage stage, long tokens) {
            return new Phase(stage.name(), tokens, stage.seconds(), stage.joules());
        }
    }

    /** Copies the list. */
    public EnergyReport {
        phases = List.copyOf(phases);
        if (!(idleWatts >= 0)) {
            throw new IllegalArgumentException("idleWatts is " + idleWatts + ": expected at least 0");
        }
    }

    /** Energy of all phases. */
    public double joules() {
        return phases.stream().mapToDouble(Phase::joules).sum();
    }

    /** Energy that the work caused: of each phase what is above idle power. */
    public double activeJoules() {
        return phases.stream().mapToDouble(this::active).sum();
    }

    private double active(Phase phase) {
        return Math.max(0, phase.joules - idleWatts * phase.seconds);
    }

    /** One report of this and another one's phases. */
    public EnergyReport plus(EnergyReport other) {
        if (other.source != source || other.idleWatts != idleWatts) {
            throw new IllegalArgumentException("energies " + source + " above " + idleWatts + " W and " + other.source
                    + " above " + other.idleWatts + " W do not add up: measure both alike");
        }
        return new EnergyReport(
                Stream.concat(phases.stream(), other.phases.stream()).toList(), source, idleWatts);
    }

    /** A row a phase, and the sum. */
    public Table table() {
        Table table = Table.of("phase", "tokens", "seconds", "joules", "active", "J/token", "active J/token");
        for (Phase phase : phases) {
            table = table.row(
                    phase.name,
                    phase.tokens,
                    phase.seconds,
                    phase.joules,
                    active(phase),
                    perToken(phase.joules, phase),
                    perToken(active(phase), phase));
        }
        double seconds = phases.stream().mapToDouble(Phase::seconds).sum();
        return table.row(
                "all, " + source.name().toLowerCase(Locale.ROOT), "", seconds, joules(), activeJoules(), "", "");
    }

    private static Object perToken(double joules, Phase phase) {
        return phase.tokens == 0 ? "" : (Object) (joules / phase.tokens);
    }
}
