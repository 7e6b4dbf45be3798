package dev.lathe.lab.evaluate;

import java.util.List;
import java.util.Optional;

/**
 * A task for a model that writes Java: the beginning of a program up to an open method, which the model is to complete.
 *
 * @param name what it is called in reports
 * @param prompt the program up to the method's opening brace and the end of its line: tokenizers join the two, and a
 *     prompt that stops at the brace asks for a method on one line
 * @param ending what follows the method: the rest of its class, and tests in a method {@code main}
 * @param mainClass class whose {@code main} runs the tests; it throws if one fails
 * @param solution a right completion, up to and with the method's closing brace, if one is known
 * @param calls expressions whose values can be asked for, such as {@code max(1, 2)}; may be empty
 */
public record Problem(
        String name, String prompt, String ending, String mainClass, Optional<String> solution, List<String> calls) {
    /** Copies the list. */
    public Problem {
        calls = List.copyOf(calls);
        if (prompt.isBlank() || mainClass.isBlank()) {
            throw new IllegalArgumentException("problem " + name + " has no prompt or no class with a method main");
        }
    }

    /**
     * The program to judge.
     *
     * @param completion what the model wrote after the prompt; what it wrote after the method's end is left out
     */
    public String program(String completion) {
        return prompt + MethodEnd.cut(completion) + "\n" + ending;
    }

    /**
     * White space and brace with which the method ends, if it is laid out like its first line; it ends a generation.
     */
    public String closingLine() {
        String line = prompt.stripTrailing();
        line = line.substring(line.lastIndexOf('\n') + 1);
        return "\n" + line.substring(0, line.length() - line.stripLeading().length()) + "}";
    }
}
