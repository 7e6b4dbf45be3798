package dev.lathe.lab.judge;

/** What came of a program. Every verdict but {@link #PASSED} is a failure. */
public enum Verdict {
    /** It ran to its end. */
    PASSED,
    /** It threw: an assertion failed, or something else went wrong. */
    THREW,
    /** The compiler did not take it. */
    NOT_COMPILED,
    /** It names a class or member that programs may not use; it did not run. */
    REFUSED,
    /** It was not done in time, and was ended. */
    OUT_OF_TIME,
    /** It needed more memory than it may have; its virtual machine ended. */
    OUT_OF_MEMORY,
    /** Its virtual machine ended otherwise. */
    CRASHED
}
