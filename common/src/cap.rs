//! Bounded labels: the first values keep their place, the rest fold into `other` and are counted.
