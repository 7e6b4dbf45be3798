package dev.lathe.tools.generate;

import dev.lathe.decode.Sampler;
import dev.lathe.tools.command.Options;
import java.util.stream.Stream;

/** The options that say what is sampled. */
final class Sampling {
    static final String HELP = """
              --temperature T     0 is greedy, 1 the model's own distribution; default: 0
              --top-k K           samples from the K most probable tokens
              --top-p P           samples from the most probable tokens that together have the probability P
              --seed N            makes a sampled text repeatable
            """;

    private Sampling() {}

    static boolean isGiven(Options options) {
        return Stream.of("--temperature", "--top-k", "--top-p", "--seed").anyMatch(options::has);
    }

    static Sampler of(Options options) {
        float temperature = options.decimal("--temperature", 0, 0, 100);
        if (temperature == 0) {
            for (String name : new String[] {"--top-k", "--top-p", "--seed"}) {
                if (options.has(name)) {
                    throw new Options.UsageException(name + " says how to sample; add a --temperature above 0");
                }
            }
            return Sampler.greedy();
        }
        Sampler sampler = Sampler.temperature(temperature);
        if (options.has("--top-k")) {
            sampler = sampler.topK(options.integer("--top-k", 1, 1));
        }
        if (options.has("--top-p")) {
            sampler = sampler.topP(options.decimal("--top-p", 1, Float.MIN_VALUE, 1));
        }
        return options.has("--seed") ? sampler.seed(options.longInteger("--seed", 0)) : sampler;
    }
}
