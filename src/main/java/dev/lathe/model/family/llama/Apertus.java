package dev.lathe.model.family.llama;

import dev.lathe.model.config.HeadNorm;
import dev.lathe.model.config.Xielu;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/** Apertus: normed heads, xIELU without a gate. Project Apertus, "Apertus", 2025, arXiv 2509.14233, section 2.1. */
final class Apertus implements Family {
    @Override
    public Description describe(Keys keys) {
        return Description.of(i -> {
            double[] numbers = Xielu.KEYS.stream()
                    .mapToDouble(key -> keys.wholeKey(key, i))
                    .toArray();
            return keys.layer(i)
                    .headNorm(HeadNorm.EACH_HEAD)
                    .ungated(Xielu.of(numbers[0], numbers[1], numbers[2], numbers[3]));
        });
    }
}
