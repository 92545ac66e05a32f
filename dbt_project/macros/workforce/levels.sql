{#-
  How the hires of a world are shared among its levels (docs/methodology.md, 4. Hires).
-#}

{#
  What each level asks for: the scenario's own weights, the opening heads, or, to hold the census mix, what is missing of
  the level's share of the target, in millionths of a head: target x census share - (heads on 1 January - exits + expected
  promotions in - out), at least 0. Only ratios matter.
#}
{% macro level_weight() -%}
    case level_mix
        when 'weights' then mix_weight_millionths
        when 'current' then level_headcount
        when 'hold' then greatest(
            target_headcount::hugeint * 1000000 * census_heads // greatest(all_census_heads, 1)
            - (level_headcount - level_exits) * 1000000 - net_promotions_millionths,
            0
        )::bigint
    end
{%- endmacro %}

{#
  Sainte-Lague (Webster; Balinski and Young, "Fair Representation", 1982): seat k of a level has the quotient
  weight / (2k - 1), the `hires` largest quotients win, ties go to the lower level. The order of the quotients does not
  depend on the number of hires, so one more hire never takes one from a level. No level gets more than
  hires x share + (levels + 1) / 2, so more seats than that are not ranked. A select of world_id, level_id, seats from rows
  with world_id, level_id, hires, target_weight.
#}
{% macro sainte_lague(levels) -%}
    select world_id, level_id, count(*) as seats
    from (
        select
            world_id,
            level_id,
            hires,
            row_number() over (partition by world_id order by target_weight / (2 * seat - 1) desc, level_id) as place
        from (
            select
                world_id,
                level_id,
                hires,
                target_weight,
                sum(target_weight) over (partition by world_id) as all_weights,
                count(*) over (partition by world_id) as levels,
                unnest(range(1, cast(hires::hugeint * target_weight // all_weights + levels // 2 + 3 as bigint))) as seat
            from {{ levels }}
            where hires > 0 and target_weight > 0
        )
    )
    where place <= hires
    group by world_id, level_id
{%- endmacro %}
