package dev.lathe.tools.lab;

import dev.lathe.figures.Stopwatch;
import dev.lathe.lab.benchmark.StageProfiler;
import dev.lathe.lab.energy.EnergySource;
import dev.lathe.lab.energy.UtilizationMeter;
import dev.lathe.measure.EnergyMeter;
import dev.lathe.tools.command.Options;
import dev.lathe.tools.command.Program;
import java.util.Optional;

/**
 * Where a command's joules come from: the processor's counters, or processor time and watts that the user gives.
 *
 * @param meter counts joules; empty where nothing does
 * @param source whether they are measured or modelled
 * @param idleWatts left out of active energy
 */
record Power(Optional<EnergyMeter> meter, EnergySource source, double idleWatts) {
    static final String HELP = """
              --idle-watts W      power of the machine when nothing runs; left out of active energy
              --full-watts W      power when all processors are busy: joules are modelled from this process's processor
                                  time; without it they are read from the processor's counters
            """;

    /** As the options say; fails where there are no counters and no watts. */
    static Power demanded(Options options) {
        float idle = options.decimal("--idle-watts", 0, 0, 1e6f);
        return options.has("--full-watts")
                ? new Power(
                        Optional.of(
                                UtilizationMeter.ofProcess(idle, options.decimal("--full-watts", idle, idle, 1e6f))),
                        EnergySource.MODELLED,
                        idle)
                : new Power(Optional.of(EnergyMeter.ofMachine()), EnergySource.MEASURED, idle);
    }

    /** The same; where there are neither, a note says so and nothing counts. */
    static Power wherePossible(Program program) {
        try {
            return demanded(program.options);
        } catch (UnsupportedOperationException unreadable) {
            program.terminal.note("no joules: %s; or give --full-watts", unreadable.getMessage());
            return new Power(Optional.empty(), EnergySource.MEASURED, 0);
        }
    }

    /** A profiler of time and, where it is counted, of energy. */
    StageProfiler profiler() {
        return new StageProfiler(Stopwatch.system(), meter);
    }
}
