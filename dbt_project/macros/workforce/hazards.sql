{#-
  Hazards are rates: a yearly probability p is the rate l = -ln(1 - p), so that multipliers are hazard ratios, causes
  add, and no probability passes 1.
-#}

{#
  The yearly rate of a cell: -ln(1 - base) x the product of its multipliers. A base of 1 (everybody, at once) is the rate
  1,000,000,000, and no rate passes that; a multiplier of 0 wins over it.
#}
{% macro hazard_rate(base, multiplier) -%}
    case
        when {{ base }} = 0 or {{ multiplier }} = 0 then 0.0::double
        when {{ base }} = 1 then 1e9::double
        else least(-ln(cast(1 - {{ base }} as double)) * cast({{ multiplier }} as double), 1e9::double)
    end
{%- endmacro %}

{# The probability of an event within the year at a yearly rate: 1 - exp(-rate), kept as a decimal. #}
{% macro hazard_probability(rate) -%}
    cast(1 - exp(-({{ rate }})) as decimal(18, 12))
{%- endmacro %}
