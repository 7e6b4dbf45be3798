package dev.lathe.lab.evaluate;

import java.util.List;

/** What writes completions of problems: a model with a sampler, or anything else. */
@FunctionalInterface
public interface Completer {
    /**
     * Independent completions of a problem's prompt.
     *
     * @param samples how many, at least 1
     * @return as many texts, each to be put after the prompt
     */
    List<String> complete(Problem problem, int samples);
}
