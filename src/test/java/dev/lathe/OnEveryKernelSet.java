package dev.lathe;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a test class whose results pass through kernels: {@code mvn verify} runs it four times, with machine code, with
 * vectors of the machine's width, with vectors of 128 bits and without the Vector API. All other tests run once.
 *
 * <p>JUnit Jupiter and jqwik each know only their own tag; this one speaks to both.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@org.junit.jupiter.api.Tag("kernels")
@net.jqwik.api.Tag("kernels")
public @interface OnEveryKernelSet {}
