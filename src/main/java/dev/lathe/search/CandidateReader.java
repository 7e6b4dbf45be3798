package dev.lathe.search;

import dev.lathe.decode.Token;
import dev.lathe.text.StreamDecoder;
import dev.lathe.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes candidates of tokens: finds their steps, and the stop string where they end, wherever generations of parts of
 * them began and ended.
 */
record CandidateReader(Tokenizer tokenizer, String separator, List<String> stopStrings) {
    /**
     * A candidate.
     *
     * @param isFull whether it may have no more tokens, so that it is complete in any case
     */
    Candidate read(Candidate beginning, List<Token> tokens, boolean isFull) {
        StreamDecoder decoder = tokenizer.newStreamDecoder(beginning.prompt());
        StringBuilder text = new StringBuilder();
        List<Step> steps = new ArrayList<>();
        int begin = 0;
        int textBegin = 0;
        boolean ends = isFull;
        for (int i = 0; i < tokens.size(); i++) {
            text.append(decoder.accept(tokens.get(i).id()));
            ends |= tokenizer.isEndOfGeneration(tokens.get(i).id());
            if (text.indexOf(separator, textBegin) >= 0) {
                steps.add(new Step(text.substring(textBegin), begin, i + 1));
                begin = i + 1;
                textBegin = text.length();
            }
        }
        text.append(decoder.finish());
        if (begin < tokens.size()) {
            steps.add(new Step(text.substring(textBegin), begin, tokens.size()));
        }
        int stop = firstStop(text);
        return new Candidate(
                beginning.prompt(),
                beginning.promptText(),
                tokens,
                stop < 0 ? text.toString() : text.substring(0, stop),
                steps,
                ends || stop >= 0,
                Double.NaN);
    }

    private int firstStop(StringBuilder text) {
        return stopStrings.stream()
                .mapToInt(text::indexOf)
                .filter(index -> index >= 0)
                .min()
                .orElse(-1);
    }
}
