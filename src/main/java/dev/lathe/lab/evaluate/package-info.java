/**
 * Evaluates models that write code: problems with tests, completions judged by running them, and what a score means.
 *
 * <p>{@link dev.lathe.lab.evaluate.Evaluator} runs {@link dev.lathe.lab.evaluate.Problem}s through a
 * {@link dev.lathe.lab.evaluate.Completer}; completions run in {@code dev.lathe.lab.judge}'s process alone. May
 * import the verbs of {@code dev.lathe}, {@code measure}, {@code text}, {@code decode}, {@code gguf} and the lab.
 */
package dev.lathe.lab.evaluate;
