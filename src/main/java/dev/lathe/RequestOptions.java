package dev.lathe;

import dev.lathe.decode.GenerationOptions;
import dev.lathe.decode.Token;
import dev.lathe.decode.guard.UsualAnswers;
import dev.lathe.serve.Tenant;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Consumer;

/**
 * What a {@link Request} asks for beside its prompt.
 *
 * @param generation options of the generation
 * @param priority levels of head start
 * @param deadline from submitting on
 * @param tenant who asks
 * @param usual what answers of its kind usually are
 * @param joules the most energy, by its share of passes
 * @param listener told each token
 */
record RequestOptions(
        GenerationOptions generation,
        int priority,
        Optional<Duration> deadline,
        Optional<Tenant> tenant,
        Optional<UsualAnswers> usual,
        OptionalDouble joules,
        Consumer<Token> listener) {
    static final RequestOptions DEFAULT = new RequestOptions(
            GenerationOptions.DEFAULT,
            0,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            OptionalDouble.empty(),
            token -> {});

    RequestOptions generation(GenerationOptions value) {
        return new RequestOptions(value, priority, deadline, tenant, usual, joules, listener);
    }

    RequestOptions priority(int value) {
        return new RequestOptions(generation, value, deadline, tenant, usual, joules, listener);
    }

    RequestOptions deadline(Duration value) {
        return new RequestOptions(generation, priority, Optional.of(value), tenant, usual, joules, listener);
    }

    RequestOptions tenant(Tenant value) {
        return new RequestOptions(generation, priority, deadline, Optional.of(value), usual, joules, listener);
    }

    RequestOptions usual(UsualAnswers value) {
        return new RequestOptions(generation, priority, deadline, tenant, Optional.of(value), joules, listener);
    }

    RequestOptions joules(double value) {
        return new RequestOptions(generation, priority, deadline, tenant, usual, OptionalDouble.of(value), listener);
    }

    RequestOptions listener(Consumer<Token> value) {
        return new RequestOptions(generation, priority, deadline, tenant, usual, joules, value);
    }
}
